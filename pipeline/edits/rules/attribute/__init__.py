"""Edits of kind `attribute`: a visible quality becomes one that excludes it."""
