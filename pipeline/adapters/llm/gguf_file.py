"""Whether a file is a chat model in GGUF, found without loading it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipeline.core.errors import ConfigError

MAGIC = b"GGUF"
TEMPLATE_KEY = b"tokenizer.chat_template"
HEADER_BYTES = 64 * 2**20
"""Where a file says what it is: before its weights, behind at most a large vocabulary."""


def check_gguf(path: Path) -> Path:
    """The path of a chat model in GGUF.

    Raises:
        ConfigError: It is not there, no GGUF file, or a model without a chat template.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
    except OSError as error:
        raise ConfigError(
            f"llm.gguf: {path} cannot be read: {error.strerror or error}; name a GGUF file"
        ) from error
    if not head.startswith(MAGIC):
        raise ConfigError(f"llm.gguf: {path} is no GGUF file; download or convert one")
    if TEMPLATE_KEY not in head:
        raise ConfigError(
            f"llm.gguf: {path} holds no chat template, so it is a base model; name the "
            "instruction-tuned one"
        )
    return path


def model_name(path: Path) -> str:
    """Name of a model file: the file's own, and enough of its content to tell versions apart."""
    with path.open("rb") as file:
        head = file.read(2**20)
        file.seek(max(0, path.stat().st_size - 2**20))
        digest = hashlib.sha256(head + file.read() + str(path.stat().st_size).encode())
    return f"{path.stem}+{digest.hexdigest()[:8]}"
