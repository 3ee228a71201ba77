"""Language models behind an OpenAI-compatible server: online, in batch files, or bundled."""
