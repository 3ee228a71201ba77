"""The packaged image model comes apart and together again without a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.adapters.sdxl.tiny import WORLD, resolve_model
from pipeline.training.mini.pack import pack
from pipeline.training.mini.unpack import unpack

pytestmark = pytest.mark.integration


def test_what_is_unpacked_packs_to_the_same_weights(tmp_path: Path) -> None:
    packaged = Path(resolve_model(WORLD))
    unpack(packaged, tmp_path / "parts")
    size = pack(tmp_path / "parts", tmp_path / "packed")
    assert 5e6 < size < 25e6
    weights = sorted(file.relative_to(packaged) for file in packaged.rglob("*.safetensors"))
    assert len(weights) == 4
    for name in [*weights, Path("vocabulary.toml")]:
        assert (tmp_path / "packed" / name).read_bytes() == (packaged / name).read_bytes(), name
