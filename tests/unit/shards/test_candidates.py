"""The candidates of a shard come back with how they were drawn, and belong to its receipt."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pipeline.core.errors import ShardCorruptError
from pipeline.core.ids import fingerprint
from pipeline.core.records import RenderedSet
from pipeline.core.stage import Rejected
from pipeline.core.strategies import StrategyParameters
from pipeline.shards.atomic import write_json
from pipeline.shards.candidates import read_candidates
from pipeline.shards.integrity import digest_file
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest, read_receipt, write_receipt
from pipeline.shards.reader import iterate_samples
from pipeline.shards.verify import verify_run
from tests.unit.shards.shard_records import (
    draw,
    make_reject,
    make_set,
    own_image,
    pixels,
    store,
    write_manifest,
)


def with_candidates(rendered: RenderedSet, kept: int = 1) -> RenderedSet:
    """Three candidates of each edit, of which one was kept; one of the control."""
    all_of_them = []
    for image in rendered.images:
        for number in range(1 if image.variant == "control" else 3):
            all_of_them.append(
                replace(
                    image,
                    pixels=pixels(10 * number + len(all_of_them)),
                    candidate=number,
                    parameters=StrategyParameters(0.1 * number, 0.5),
                )
            )
    chosen = [i for i in all_of_them if i.candidate == (0 if i.variant == "control" else kept)]
    return replace(rendered, images=tuple(chosen), candidates=tuple(all_of_them))


def results() -> Iterator[RenderedSet | Rejected]:
    yield make_reject(0)
    yield with_candidates(draw(make_set(1)))
    yield with_candidates(draw(make_set(2, own_image(2))))


@pytest.fixture
def layout(tmp_path: Path) -> RunLayout:
    layout = RunLayout(tmp_path / "run")
    config = {"seed": 1}
    write_json(layout.run_json, {"config": config, "config_fingerprint": fingerprint(config)})
    write_json(layout.partition_json, [{"shard_id": 0, "rows": 3}])
    store(layout, 0, list(results()))
    write_manifest(layout, fingerprint(config), range(1))
    return layout


def test_every_candidate_comes_back_with_how_it_was_drawn(layout: RunLayout) -> None:
    stored = list(read_candidates(layout.candidates(0)))
    wanted = [item for item in results() if isinstance(item, RenderedSet)]
    assert len(stored) == len(wanted) == 2
    for back, rendered in zip(stored, wanted, strict=True):
        assert back.document.key == rendered.cfset.anchor.anchor_id
        for entry, image in zip(back.document.candidates, rendered.candidates, strict=True):
            assert (entry.variant, entry.candidate) == (image.variant, image.candidate)
            assert (entry.seed, entry.strategy, entry.prompt) == (
                image.seed,
                image.strategy,
                image.prompt,
            )
            assert StrategyParameters.from_json(entry.parameters) == image.parameters
            assert entry.is_kept == (image in rendered.images)
            assert entry.file == f"{entry.variant}.c{entry.candidate}.jpg"
            with Image.open(io.BytesIO(back.pictures[entry.file])) as picture:
                assert picture.size == (entry.width_px, entry.height_px)


def test_the_shard_holds_the_kept_ones_byte_for_byte(layout: RunLayout) -> None:
    pairs = zip(
        iterate_samples([layout.tar(0)]), read_candidates(layout.candidates(0)), strict=True
    )
    for sample, stored in pairs:
        kept = [entry for entry in stored.document.candidates if entry.is_kept]
        assert {entry.variant for entry in kept} == set(sample.document.images) - {"factual"}
        for entry in kept:
            assert stored.pictures[entry.file] == sample.image(entry.variant)
            assert sample.document.images[entry.variant].candidate == entry.candidate
            assert sample.document.images[entry.variant].parameters == entry.parameters


def test_the_receipt_lists_them_and_the_run_is_sound(layout: RunLayout) -> None:
    receipt = read_receipt(layout, 0, check="sha256")
    assert receipt is not None
    assert receipt.candidates is not None
    assert receipt.candidates.path == "candidates/000000.tar"
    assert verify_run(layout) == []


def test_the_same_sets_give_the_same_bytes(layout: RunLayout) -> None:
    before = layout.candidates(0).read_bytes()
    store(layout, 0, list(results()))
    assert layout.candidates(0).read_bytes() == before


def test_sets_without_candidates_leave_none_behind(layout: RunLayout) -> None:
    plain = [
        replace(item, candidates=()) if isinstance(item, RenderedSet) else item
        for item in results()
    ]
    store(layout, 0, plain)
    assert not layout.candidates(0).exists()
    receipt = read_receipt(layout, 0)
    assert receipt is not None
    assert receipt.candidates is None


def test_a_missing_or_damaged_file_is_a_fault(layout: RunLayout) -> None:
    path = layout.candidates(0)
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    assert read_receipt(layout, 0) is None
    assert [fault.path for fault in verify_run(layout)] == [path]
    path.write_bytes(data[:700])
    with pytest.raises(ShardCorruptError, match="cut off"):
        list(read_candidates(path))
    path.unlink()
    assert [fault.what for fault in verify_run(layout)] == ["the file is missing"]
    stray = layout.candidates(7)
    path.write_bytes(data)
    stray.write_bytes(b"x")
    assert [fault.path for fault in verify_run(layout)] == [stray]


def test_candidates_that_are_not_of_the_shard_are_a_fault(
    layout: RunLayout, tmp_path: Path
) -> None:
    """A writer that mixed two shards up would have sound checksums."""
    other = RunLayout(tmp_path / "other")
    swapped = [
        with_candidates(item, kept=2) if isinstance(item, RenderedSet) else item
        for item in results()
    ]
    store(other, 0, swapped)
    layout.candidates(0).write_bytes(other.candidates(0).read_bytes())
    manifest = read_manifest(layout)
    assert manifest is not None
    digest = digest_file(layout.candidates(0), "candidates/000000.tar")
    write_receipt(layout, replace(manifest.shards[0], candidates=digest))
    write_manifest(layout, manifest.config_fingerprint, range(1))
    faults = verify_run(layout)
    assert {fault.path for fault in faults} == {layout.candidates(0)}
    assert "picture min0 is not the kept candidate" in faults[0].what
