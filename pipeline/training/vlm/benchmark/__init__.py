"""Benchmarks of compositional understanding: made from held-out sets, read, and scored."""
