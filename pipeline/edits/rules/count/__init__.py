"""Edits of kind `count`: another number of a visible thing."""
