"""Edits of kind `negation`: something visible is denied, or what is denied changes."""
