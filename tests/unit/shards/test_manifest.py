"""Receipts count only with their files; the manifest needs every shard."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import ShardCorruptError
from pipeline.shards.integrity import FileFault
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest, read_receipt
from tests.unit.shards.shard_records import (
    shard_results,
    store,
    write_manifest,
)


def test_a_receipt_whose_files_differ_does_not_count(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    store(layout, 0, shard_results(0))
    data = bytearray(layout.tar(0).read_bytes())
    data[-1] ^= 1
    layout.tar(0).write_bytes(data)
    faults: list[FileFault] = []
    assert read_receipt(layout, 0, check="size", on_fault=faults.append) is not None
    assert read_receipt(layout, 0, check="sha256", on_fault=faults.append) is None
    assert [fault.path for fault in faults] == [layout.tar(0)]
    layout.sidecar(0).unlink()
    layout.tar(0).write_bytes(data[:-1])
    faults.clear()
    assert read_receipt(layout, 0, check="size", on_fault=faults.append) is None
    assert {fault.path for fault in faults} == {layout.tar(0), layout.sidecar(0)}
    layout.receipt(0).write_bytes(b'{"shard_id": "zero"}')
    faults.clear()
    assert read_receipt(layout, 0, on_fault=faults.append) is None
    assert [fault.path for fault in faults] == [layout.receipt(0)]


def test_a_receipt_cannot_name_files_elsewhere(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path / "run")
    store(layout, 0, shard_results(0))
    text = layout.receipt(0).read_text()
    layout.receipt(0).write_text(text.replace("shards/000000.tar", "../secret.tar"))
    faults: list[FileFault] = []
    assert read_receipt(layout, 0, on_fault=faults.append) is None
    assert faults[0].what == "it belongs to another shard"


def test_the_manifest_sums_up_and_needs_every_shard(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    receipts = [store(layout, i, shard_results(4 * i)) for i in range(2)]
    with pytest.raises(ShardCorruptError, match="2 shards are unfinished: 000002, 000003"):
        write_manifest(layout, "f", range(4))
    assert read_manifest(layout) is None
    manifest = write_manifest(layout, "f", range(2))
    assert read_manifest(layout) == manifest
    assert manifest.shards == tuple(receipts)
    assert manifest.counts.rows == 8
    assert manifest.counts.images == 16
    layout.manifest_json.write_bytes(b"{}")
    with pytest.raises(ShardCorruptError, match=r"manifest\.json: it does not parse"):
        read_manifest(layout)
