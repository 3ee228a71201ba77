"""What a provider would leave unread is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pipeline.config.llm import LlmConfig


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"provider": "local", "model": "/models/x.gguf"}, "llm.gguf"),
        ({"provider": "local", "base_url": "http://localhost:8000/v1"}, "llm.base_url"),
        ({"provider": "local", "threads": 4}, "llm.threads"),
        ({"provider": "openai", "gguf": "x.gguf"}, "llm.gguf"),
        ({"provider": "openai", "gpu_layers": 3}, "llm.gpu_layers"),
    ],
)
def test_what_is_ignored_is_refused(settings: dict[str, object], name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        LlmConfig(**settings)


def test_what_is_read_is_not() -> None:
    assert LlmConfig(provider="local", gguf="x.gguf", threads=4, gpu_layers=9).threads == 4
    assert LlmConfig(provider="openai", model="m", base_url="http://x/v1").model == "m"
