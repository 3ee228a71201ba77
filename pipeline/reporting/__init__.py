"""Gathers what `report/index.html` says from a run directory, and writes it."""
