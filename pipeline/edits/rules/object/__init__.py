"""Edits of kind `object`: a visible thing becomes another of its kind."""
