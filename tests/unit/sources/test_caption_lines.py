"""Text with one caption a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.ids import content_id
from pipeline.sources import open_source


@pytest.mark.parametrize("shard_size", [1, 2, 100])
def test_each_line_is_an_anchor_or_a_reject(tmp_path: Path, make, shard_size: int) -> None:
    lines = [
        b"a dog, wet",
        b"",
        b'"so" he said',
        b"caf\xe9",
        b"x" * 2_000_000,
        b"a dog, wet",
        b"end",
    ]
    (tmp_path / "c.txt").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))
    config = SourceConfig(kind="lines", input=str(tmp_path / "c.txt"), shard_size=shard_size)

    rows = make.everything(open_source(config))

    assert [make.outcome(row) for row in rows] == [
        "ok", "source.empty_caption", "ok", "source.undecodable_text", "source.too_long",
        "source.duplicate", "ok",
    ]  # fmt: skip
    assert [row.origin for row in rows] == [f"c.txt:{i}" for i in range(1, 8)]
    assert rows[0].anchor_id == content_id("lines", "a dog, wet")
