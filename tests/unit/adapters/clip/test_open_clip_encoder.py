"""What is said of a name, before open_clip is asked; `tests/integration/clients` asks it."""

from __future__ import annotations

import sys

import pytest

from pipeline.adapters.clip.open_clip_encoder import open_open_clip
from pipeline.core.errors import ConfigError


@pytest.mark.parametrize("name", ["open_clip:", "open_clip:ViT-B-32", "open_clip:/weights.pt"])
def test_a_name_without_weights_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="names no weights; write open_clip:ARCHITECTURE"):
        open_open_clip(name)


def test_without_open_clip_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(ConfigError, match="pip install open_clip_torch"):
        open_open_clip("open_clip:ViT-B-32/openai")
