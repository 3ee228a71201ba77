"""Causal language models: how likely they find a text."""
