"""The run directory: captions, WebDataset shards, sidecars and the manifest."""
