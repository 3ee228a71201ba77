"""counterfactory: turns factual image-caption anchors into typed counterfactual sets."""

__version__ = "0.1.0"
