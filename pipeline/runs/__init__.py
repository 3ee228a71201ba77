"""A run: what is left to do, the work on one shard, the local executor, rank, lock and record."""
