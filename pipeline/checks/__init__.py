"""Checks that keep bad captions and bad pictures out."""
