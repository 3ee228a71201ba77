"""Fixtures that tests of several packages share; each is built when a test first asks for it."""

from tests.integration.adapters.language_model.tiny_models import any_model, llama
from tests.integration.adapters.llm.chat_fixtures import ask_for, open_to, serve
from tests.integration.adapters.sdxl.tiny_sdxl import (
    lora_folder,
    open_tiny,
    tiny_config,
    tiny_folder,
    tiny_renderer,
)
from tests.integration.stores.s3_server import s3, s3_server

__all__ = [
    "any_model",
    "ask_for",
    "llama",
    "lora_folder",
    "open_tiny",
    "open_to",
    "s3",
    "s3_server",
    "serve",
    "tiny_config",
    "tiny_folder",
    "tiny_renderer",
]
