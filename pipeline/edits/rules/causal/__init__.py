"""Edits of kind `causal_order`: cause and effect exchange places."""
