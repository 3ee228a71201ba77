"""The consumer's side: loading shards, losses, fine-tuning."""
