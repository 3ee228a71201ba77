"""How well an image model, a scorer and the selection do, judged by the procedural world."""
