"""Closed classes of words as readable TOML."""
