"""The configuration of a run, section by section, and where its settings come from."""
