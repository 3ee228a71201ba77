"""Whether a model could cheat on the data of a run."""
