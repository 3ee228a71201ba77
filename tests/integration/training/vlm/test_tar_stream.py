"""A tar that is missing or damaged is an error that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import ShardCorruptError
from pipeline.training.vlm.loader import CounterfactualDataset

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("cut", [700, 5_000])
def test_a_truncated_tar_is_an_error(run: Path, tmp_path: Path, cut: int) -> None:
    data = (run / "shards/000000.tar").read_bytes()
    short = tmp_path / "short.tar"
    short.write_bytes(data[:cut])
    with pytest.raises(ShardCorruptError, match="short.tar is damaged at byte"):
        list(CounterfactualDataset(short))
    damaged = bytearray(data)
    header = 512 * (1 + next(i for i in range(1, 99) if data[512 * (1 + i) :][:2] == b"00"))
    damaged[header : header + 512] = b"x" * 512
    short.write_bytes(damaged)
    with pytest.raises(ShardCorruptError, match="short.tar is damaged at byte"):
        list(CounterfactualDataset(short))


def test_a_missing_tar_is_named(tmp_path: Path) -> None:
    (tmp_path / "shards.txt").write_text("000007.tar\n")
    with pytest.raises(ShardCorruptError, match=r"000007.tar is missing; restore it"):
        list(CounterfactualDataset(tmp_path))
