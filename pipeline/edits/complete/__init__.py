"""Complete counterfactuals by rules: another scene with its own caption."""
