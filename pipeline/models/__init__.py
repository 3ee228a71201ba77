"""Weights that come with the package; a README beside each says what made them."""
