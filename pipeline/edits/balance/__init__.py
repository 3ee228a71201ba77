"""Edits that come as often as their reverse, so that no word is the mark of a false caption."""
