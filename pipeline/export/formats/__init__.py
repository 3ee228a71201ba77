"""One module a format: each writes what its reader documents, and nothing that is not true."""
