"""Pictures are copied as they are stored, once; what is missing is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.errors import ShardCorruptError
from pipeline.export.reading import ExportSet, ExportWishes, open_sets
from pipeline.export.target import ExportTarget, json_line
from tests.unit.export.exported_run import DRAWN, write_run


@pytest.fixture
def one(tmp_path: Path) -> ExportSet:
    return next(iter(open_sets(write_run(tmp_path / "run"), ExportWishes())))


def test_a_picture_keeps_its_bytes(one: ExportSet, tmp_path: Path) -> None:
    target = ExportTarget(tmp_path, tmp_path / "final")
    name = target.write_picture(one, "min0.jpg")
    assert name == f"images/aa/{DRAWN}.min0.jpg"
    path = tmp_path / name
    assert path.read_bytes() == one.described.raw.fields["min0.jpg"]
    written = path.stat().st_mtime_ns
    assert target.write_picture(one, "min0.jpg") == name
    assert path.stat().st_mtime_ns == written
    assert target.whole_path(name) == str(tmp_path / "final" / name)


def test_a_missing_picture_is_named_with_its_shard(one: ExportSet, tmp_path: Path) -> None:
    raw = replace(one.described.raw, fields={})
    lacking = replace(one, described=replace(one.described, raw=raw))
    with pytest.raises(ShardCorruptError, match=r"000000\.tar.*lacks the picture jpg"):
        ExportTarget(tmp_path, tmp_path).write_picture(lacking, "jpg")


def test_text_has_the_same_bytes_everywhere(tmp_path: Path) -> None:
    with ExportTarget(tmp_path, tmp_path).open("deep/a.jsonl") as file:
        file.write(json_line({"a": "café"}))
    assert (tmp_path / "deep" / "a.jsonl").read_bytes() == '{"a": "café"}\n'.encode()
