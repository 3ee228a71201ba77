"""A sound run has no fault; each thing wrong is named with its file and a remedy."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.core.records import RenderedSet
from pipeline.shards.atomic import write_json
from pipeline.shards.layout import RunLayout, partial_path
from pipeline.shards.manifest import read_receipt, write_receipt
from pipeline.shards.verify import verify_run
from tests.unit.shards.shard_records import (
    FINGERPRINT,
    make_reject,
    make_set,
    only_fault,
    store,
    store_run,
    write_manifest,
)


@pytest.fixture
def layout(tmp_path: Path) -> RunLayout:
    layout = RunLayout(tmp_path / "run")
    store_run(layout)
    return layout


def test_a_sound_run_has_no_fault_and_every_shard_is_looked_at(layout: RunLayout) -> None:
    seen: list[int] = []
    assert verify_run(layout, seen.append) == []
    assert seen == [0, 1]


def test_an_empty_shard_is_sound(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    write_json(layout.run_json, {"config_fingerprint": FINGERPRINT})
    store(layout, 0, [make_reject(0)])
    write_manifest(layout, FINGERPRINT, [0])
    assert verify_run(layout) == []


@pytest.mark.parametrize("where", [0, 700, -1], ids=["header", "body", "end"])
def test_a_flipped_byte_in_a_tar(layout: RunLayout, where: int) -> None:
    data = bytearray(layout.tar(1).read_bytes())
    data[where] ^= 1
    layout.tar(1).write_bytes(data)
    only_fault(layout, layout.tar(1), "sha256")


def test_a_flipped_byte_in_a_sidecar_and_in_captions(layout: RunLayout) -> None:
    for path in (layout.sidecar(0), layout.captions(1)):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    assert [fault.path for fault in verify_run(layout)] == [layout.sidecar(0), layout.captions(1)]


def test_a_truncated_tar(layout: RunLayout) -> None:
    layout.tar(0).write_bytes(layout.tar(0).read_bytes()[:-10_240])
    only_fault(layout, layout.tar(0), "the receipt says")


@pytest.mark.parametrize("name", ["tar", "sidecar", "captions", "receipt"])
def test_a_missing_file(layout: RunLayout, name: str) -> None:
    path = getattr(layout, name)(1)
    path.unlink()
    only_fault(layout, path, "missing")


def test_a_receipt_that_is_not_the_manifests(layout: RunLayout) -> None:
    receipt = read_receipt(layout, 0)
    assert receipt is not None
    write_receipt(layout, replace(receipt, counts=replace(receipt.counts, samples=99)))
    only_fault(layout, layout.receipt(0), "not as in the manifest")


def test_an_anchor_in_two_shards(layout: RunLayout) -> None:
    store(layout, 1, [make_reject(9), RenderedSet(make_set(0))])
    write_manifest(layout, FINGERPRINT, range(2))
    only_fault(layout, layout.tar(1), f"anchor {make_set(0).anchor.anchor_id} is in the run")


def test_a_missing_manifest_names_the_unfinished_shards(layout: RunLayout) -> None:
    layout.manifest_json.unlink()
    layout.receipt(1).unlink()
    only_fault(layout, layout.manifest_json, "1 shards are finished, 1 are not: 000001")


def test_without_a_manifest_finished_shards_are_checked_all_the_same(layout: RunLayout) -> None:
    layout.manifest_json.unlink()
    layout.sidecar(0).unlink()
    data = bytearray(layout.tar(1).read_bytes())
    data[700] ^= 1
    layout.tar(1).write_bytes(data)
    paths = [fault.path for fault in verify_run(layout)]
    assert paths == [layout.manifest_json, layout.sidecar(0), layout.tar(1)]


def test_a_stale_partial_file(layout: RunLayout) -> None:
    path = partial_path(layout.tar(7))
    path.write_bytes(b"half")
    only_fault(layout, path, "unfinished file")


def test_a_file_that_the_manifest_does_not_list(layout: RunLayout) -> None:
    layout.tar(7).write_bytes(b"")
    only_fault(layout, layout.tar(7), "does not list")


def test_run_json_of_another_config_or_none(layout: RunLayout) -> None:
    write_json(layout.run_json, {"config_fingerprint": "another"})
    only_fault(layout, layout.run_json, "'another'")
    layout.run_json.write_bytes(b"{")
    only_fault(layout, layout.run_json, "not JSON")
    layout.run_json.unlink()
    only_fault(layout, layout.run_json, "missing")


def test_no_directory(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path / "nothing")
    only_fault(layout, layout.root, "no such directory")


def test_a_newer_schema_is_refused(layout: RunLayout) -> None:
    value = json.loads(layout.manifest_json.read_bytes())
    write_json(layout.manifest_json, value | {"schema_version": 99})
    with pytest.raises(ConfigError, match="schema version 99"):
        verify_run(layout)


def _many_shards(root: Path, shards: int = 6) -> RunLayout:
    layout = RunLayout(root)
    write_json(layout.run_json, {"config_fingerprint": FINGERPRINT})
    for shard_id in range(shards):
        store(layout, shard_id, [make_reject(shard_id)])
    write_manifest(layout, FINGERPRINT, list(range(shards)))
    return layout


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_several_processes_find_the_same_in_the_same_order(layout: RunLayout) -> None:
    """Also an anchor that two shards hold, which no process sees alone."""
    _flip(layout.tar(1))
    (layout.shards_dir / "000007.tar").write_bytes(b"x")
    alone = verify_run(layout)
    assert len(alone) >= 2

    assert verify_run(layout, workers=2) == alone


def test_an_anchor_in_two_shards_is_found_across_processes(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    write_json(layout.run_json, {"config_fingerprint": FINGERPRINT})
    for shard_id in range(2):
        store(layout, shard_id, [RenderedSet(make_set(0))])
    write_manifest(layout, FINGERPRINT, [0, 1])
    alone = verify_run(layout)
    assert any("a second time" in str(fault) for fault in alone)

    assert verify_run(layout, workers=2) == alone


@pytest.mark.parametrize(("sample", "read"), [(0.0, 1), (0.01, 1), (0.34, 3), (0.5, 3), (1.0, 6)])
def test_of_a_sample_some_shards_are_read_and_all_have_their_size(
    tmp_path: Path, sample: float, read: int
) -> None:
    layout = _many_shards(tmp_path)
    assert verify_run(layout, sample=sample) == []
    for shard_id in range(6):
        _flip(layout.sidecar(shard_id))
    assert len(verify_run(layout, sample=sample)) == read, "a flipped byte needs reading"

    with layout.captions(0).open("ab") as file:
        file.write(b"x")
    found = verify_run(layout, sample=0.0)
    assert any(fault.path == layout.captions(0) for fault in found), "a size needs none"
