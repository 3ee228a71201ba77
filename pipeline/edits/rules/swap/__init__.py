"""Edits of kind `swap`: two phrases exchange places."""
