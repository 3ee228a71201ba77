"""Ray Data as an engine: shard numbers through pools of actors, on one machine or many."""
