"""The functions of the public Python API; `counterfactory` re-exports them by name."""
