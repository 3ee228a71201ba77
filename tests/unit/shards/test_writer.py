"""A shard is written whole or not at all, and the same each time."""

from __future__ import annotations

import gc
import hashlib
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.core.errors import StageContractError
from pipeline.core.records import RenderedSet
from pipeline.core.stage import Rejected
from pipeline.shards.captions import CaptionsFile, read_captions, write_captions
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_receipt
from pipeline.shards.reader import iterate_samples
from pipeline.shards.sidecar import read_sidecar
from pipeline.shards.writer import write_shard
from tests.unit.shards.shard_records import (
    PROVENANCE,
    draw,
    make_reject,
    make_set,
    shard_results,
    store,
    store_run,
)


def contents(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def captions_for(layout: RunLayout, results: list[RenderedSet | Rejected]) -> CaptionsFile:
    return write_captions(layout, 0, [r if isinstance(r, Rejected) else r.cfset for r in results])


def write(
    layout: RunLayout, results: Iterator[RenderedSet | Rejected], captions: CaptionsFile
) -> None:
    write_shard(layout, 0, results, captions=captions, jpeg_quality=90, provenance=PROVENANCE)


def test_the_same_run_twice_gives_the_same_bytes_anywhere(tmp_path: Path) -> None:
    store_run(RunLayout(tmp_path / "a"))
    store_run(RunLayout(tmp_path / "another" / "place"))
    first = contents(tmp_path / "a")
    assert first == contents(tmp_path / "another" / "place")
    assert sorted(first) == [
        "captions/000000.jsonl", "captions/000001.jsonl", "manifest.json", "partition.json",
        "run.json", "shards.txt", "shards/000000.json", "shards/000000.parquet",
        "shards/000000.tar", "shards/000001.json", "shards/000001.parquet", "shards/000001.tar",
        "shards/sizes.json",
    ]  # fmt: skip
    for data in first.values():
        assert str(tmp_path).encode() not in data


def test_the_receipt_describes_the_files(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    receipt = store(layout, 0, shard_results(0, 8))
    assert read_receipt(layout, 0, check="sha256") == receipt
    for file in receipt.files:
        data = (tmp_path / file.path).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (file.sha256, file.size_bytes)
    counts = receipt.counts
    assert counts.rows == counts.samples + sum(counts.rejected.values()) == 8
    keys = [sample.key for sample in iterate_samples(layout)]
    rows = [row for row in read_sidecar(layout.sidecar(0)) if row.item == "anchor"]
    assert keys == [row.anchor_id for row in rows if row.status == "made"]
    assert len(rows) == 8


def test_an_exception_in_the_middle_leaves_no_file_of_the_shard(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    results = shard_results(0)
    captions = captions_for(layout, results)

    def failing() -> Iterator[RenderedSet | Rejected]:
        yield from results[:3]
        assert list(layout.shards_dir.iterdir()), "the shard is under way"
        raise RuntimeError("the device went away")

    with pytest.raises(RuntimeError, match="went away"):
        write(layout, failing(), captions)
    assert list(layout.shards_dir.iterdir()) == []
    assert read_receipt(layout, 0) is None


def test_a_failed_second_attempt_withdraws_the_receipt(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    results = shard_results(0)
    store(layout, 0, results)
    with pytest.raises(StageContractError):
        write(layout, iter(results[:2]), captions_for(layout, results))
    assert not layout.receipt(0).exists()
    assert read_receipt(layout, 0) is None


@pytest.mark.parametrize("rows", [3, 5])
def test_every_row_of_the_captions_must_be_answered(tmp_path: Path, rows: int) -> None:
    layout = RunLayout(tmp_path)
    captions = captions_for(layout, shard_results(0, 4))
    with pytest.raises(StageContractError, match=f"got {rows} results for 4 rows"):
        write(layout, iter(shard_results(0, rows)), captions)
    assert list(layout.shards_dir.iterdir()) == []


def test_an_anchor_twice_is_refused_and_named(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    results = [RenderedSet(make_set(0)), make_reject(1), RenderedSet(make_set(0))]
    with pytest.raises(StageContractError, match=f"{make_set(0).anchor.anchor_id} twice"):
        write(layout, iter(results), captions_for(layout, results))


def test_captions_of_another_shard_are_refused(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    captions = captions_for(layout, [])
    with pytest.raises(StageContractError, match="000001 got the captions of 000000"):
        write_shard(layout, 1, [], captions=captions, jpeg_quality=90, provenance={})


def test_a_shard_of_rejects_has_no_tar(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    layout.shards_dir.mkdir()
    layout.tar(0).write_bytes(b"of an attempt that was killed before its receipt")
    receipt = store(layout, 0, [make_reject(0), make_reject(1)])
    assert receipt.tar is None
    assert not layout.tar(0).exists()
    assert receipt.counts.rejected == {"source.columns": 2}
    assert read_receipt(layout, 0, check="sha256") == receipt


def test_pictures_are_let_go_one_set_at_a_time(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    sets = [make_set(i) for i in range(6)]
    captions = write_captions(layout, 0, sets)
    alive: list[weakref.ref] = []
    most = 0

    def drawing() -> Iterator[RenderedSet]:
        nonlocal most
        for cfset in sets:
            rendered = draw(cfset)
            alive.append(weakref.ref(rendered.images[0].pixels))
            yield rendered
            del rendered
            gc.collect()
            most = max(most, sum(ref() is not None for ref in alive))

    write(layout, drawing(), captions)
    assert len(alive) == 6
    assert most <= 1


def test_refused_candidates_of_a_rejected_anchor_reach_the_sidecar(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    candidate = Rejected(
        "ab", "text.synonym", "car is a vehicle", item="edit", kind="object", caption="a vehicle"
    )
    anchor = Rejected(
        "ab", "text.no_edit", "all refused", origin="f:1", refused=(candidate,), tokens_in=7
    )
    captions = write_captions(layout, 0, [anchor])
    assert list(read_captions(layout, 0)) == [anchor]
    receipt = write_shard(
        layout, 0, read_captions(layout, 0), captions=captions, jpeg_quality=90, provenance={}
    )
    first, second = read_sidecar(layout.sidecar(0))
    assert (first.item, first.reason, first.tokens_in) == ("anchor", "text.no_edit", 7)
    assert (second.item, second.reason, second.kind) == ("edit", "text.synonym", "object")
    assert second.anchor_id == "ab"
    assert receipt.counts.rejected == {"text.no_edit": 1}
    assert receipt.counts.refused == {"text.synonym": 1}
    assert receipt.counts.edits["object"].refused == 1
    assert receipt.counts.tokens_in == 7
