"""The dataset card of a run: its README.md and croissant.json."""
