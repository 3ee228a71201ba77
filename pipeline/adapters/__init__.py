"""Everything that touches a network, a GPU or a model."""
