"""Neutral variants: the factual caption said in another way, which must not move a score."""
