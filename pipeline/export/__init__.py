"""Shards → the files that other trainings and benchmarks read."""
