"""Training of the miniature SDXL that the package ships, on the procedural world."""
