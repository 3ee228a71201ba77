"""Vision-language training on the shards: loader, losses, fine-tuning."""
