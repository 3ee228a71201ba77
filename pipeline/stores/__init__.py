"""Files on object stores and web servers: asked with patience, and as paths."""
