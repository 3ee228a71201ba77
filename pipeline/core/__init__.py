"""The vocabulary of the pipeline: what every part of it speaks of."""
