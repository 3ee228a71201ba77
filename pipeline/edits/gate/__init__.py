"""The gate: whether a caption keeps what was promised of it, whoever wrote it."""
