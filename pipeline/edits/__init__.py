"""Counterfactual captions: rules on the spaCy parse, and proposals of a language model."""
