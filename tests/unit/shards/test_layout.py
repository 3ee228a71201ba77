"""The paths of a run directory: names that sort, and what a killed process left."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.shards.layout import RunLayout, partial_path, shard_name


def test_partial_files_are_found_and_removed_and_nothing_else(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    layout.shards_dir.mkdir()
    kept = [layout.tar(0), layout.root / "notes.partial", layout.root / ".hidden"]
    left = [partial_path(layout.run_json), partial_path(layout.tar(1))]
    for path in kept + left:
        path.write_bytes(b"x")
    assert layout.remove_partial_files() == left
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in left)


def test_shard_names_sort_and_grow(tmp_path: Path) -> None:
    assert [shard_name(i) for i in (0, 999_999, 1_000_000)] == ["000000", "999999", "1000000"]
    with pytest.raises(ValueError, match="negative"):
        shard_name(-1)
    layout = RunLayout(tmp_path)
    layout.shards_dir.mkdir()
    for shard_id in (1_000_000, 2, 999_999):
        layout.tar(shard_id).touch()
    assert layout.tars() == [layout.tar(2), layout.tar(999_999), layout.tar(1_000_000)]
