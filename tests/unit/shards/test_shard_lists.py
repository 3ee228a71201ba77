"""The lists of a run's shards: complete, the same each time, and known to `verify`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from pipeline.shards.shard_lists import shard_list_faults, write_shard_lists
from pipeline.shards.verify import verify_run
from pipeline.training.vlm.shard_list import count_samples, resolve_shards
from tests.unit.shards.shard_records import (
    FINGERPRINT,
    make_reject,
    only_fault,
    shard_results,
    store,
    store_run,
    write_manifest,
)


@pytest.fixture
def layout(tmp_path: Path) -> RunLayout:
    """A complete run of three shards, the second of which has no tar."""
    layout = RunLayout(tmp_path / "run")
    store_run(layout, 1)
    layout.partition_json.write_text(
        json.dumps([{"shard_id": i, "rows": rows} for i, rows in enumerate((4, 1, 4))])
    )
    store(layout, 1, [make_reject(4)])
    store(layout, 2, shard_results(8))
    write_manifest(layout, FINGERPRINT, range(3))
    return layout


def test_they_list_the_tars_that_are_there(layout: RunLayout) -> None:
    assert layout.shards_txt.read_text() == "shards/000000.tar\nshards/000002.tar\n"
    assert json.loads(layout.sizes_json.read_text()) == {"000000.tar": 3, "000002.tar": 3}
    assert verify_run(layout) == []


def test_the_loader_reads_them(layout: RunLayout) -> None:
    shards = resolve_shards(layout.root)
    assert shards == resolve_shards(layout.shards_txt)
    assert [Path(shard).name for shard in shards] == ["000000.tar", "000002.tar"]
    assert count_samples(shards) == 6


def test_written_again_they_are_the_same(layout: RunLayout) -> None:
    manifest = read_manifest(layout)
    assert manifest is not None
    before = layout.shards_txt.read_bytes(), layout.sizes_json.read_bytes()
    write_shard_lists(layout, manifest)
    assert (layout.shards_txt.read_bytes(), layout.sizes_json.read_bytes()) == before


@pytest.mark.parametrize("name", ["shards_txt", "sizes_json"])
def test_verify_knows_them(layout: RunLayout, name: str) -> None:
    path: Path = getattr(layout, name)
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    only_fault(layout, path, "does not list the shards")
    path.unlink()
    only_fault(layout, path, "is missing")
    path.write_bytes(whole)
    assert verify_run(layout) == []


def test_an_older_run_has_none(layout: RunLayout) -> None:
    manifest = read_manifest(layout)
    assert manifest is not None
    layout.shards_txt.unlink()
    assert list(shard_list_faults(layout, replace(manifest, schema_version=3))) == []
    assert len(list(shard_list_faults(layout, manifest))) == 1
