"""Edits of kind `relation`: two things are in another place to each other."""
