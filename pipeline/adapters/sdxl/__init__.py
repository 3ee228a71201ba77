"""SDXL behind the `Renderer` protocol, and what makes it fast, small and faithful."""
