"""Pictures are decoded no larger than asked, and only where they are given out."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import ShardCorruptError
from pipeline.training.vlm.loader import CounterfactualDataset, make_loader
from tests.integration.training.vlm.streams import to_array

pytestmark = pytest.mark.integration


def test_only_what_is_yielded_is_decoded(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []
    from pipeline.training.vlm import pictures as module

    original = module.decode_picture

    def spy(raw: Any, field: str, px: int | None) -> Image.Image:
        decoded.append(f"{raw.key}.{field}")
        return original(raw, field, px)

    monkeypatch.setattr(module, "decode_picture", spy)
    sets = list(CounterfactualDataset(run, max_edits=1, max_full=0))
    yielded = sum(one.image is not None for one in sets)
    yielded += sum(edit.image is not None for one in sets for edit in one.edits)
    assert len(decoded) == len(set(decoded)) == yielded > 22
    decoded.clear()
    list(CounterfactualDataset(run, max_edits=4, top_up=True))
    assert len(decoded) == len(set(decoded)) > 22, "what is repeated is decoded once"


def test_a_large_jpeg_is_decoded_small(write_run: Callable[..., Path]) -> None:
    big = write_run((2,), side_px=512)
    sizes: set[tuple[int, int]] = set()

    def remember(picture: Image.Image) -> np.ndarray:
        sizes.add(picture.size)
        return to_array(picture)

    means = [s.image.mean() for s in CounterfactualDataset(big, transform=remember, decode_px=100)]
    assert sizes == {(128, 128)}, "512 / 4, the smallest that has 100 pixels"
    assert means == pytest.approx([2.5, 2.5], abs=1.0)


def test_text_only_looks_at_no_picture(run: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar"
    with tarfile.open(run / "shards/000000.tar") as old, tarfile.open(broken, "w") as new:
        for member in old:
            data = old.extractfile(member).read()  # type: ignore[union-attr]
            if member.name.endswith(".jpg"):
                data = b"no picture"
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    sets = list(CounterfactualDataset(broken, pictures="none"))
    assert len(sets) == 7
    assert all(one.image is None and not any(e.image for e in one.edits) for one in sets)
    batch = next(iter(make_loader(CounterfactualDataset(broken, pictures="none"), batch_size=7)))
    assert "image" not in batch
    with pytest.raises(ShardCorruptError, match=r"broken.tar: picture .*jpg of sample 0+\d cannot"):
        list(CounterfactualDataset(broken))
