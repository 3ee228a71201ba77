"""Edits of kind `relation`: two things stand in another place to each other."""
