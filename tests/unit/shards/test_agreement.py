"""Captions, tar and sidecar of a shard that do not agree, with checksums that hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.records import AnchorImage, NeutralCaption, RenderedSet
from pipeline.shards.atomic import write_json
from pipeline.shards.captions import write_captions
from pipeline.shards.integrity import digest_file
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_receipt, write_receipt
from pipeline.shards.verify import verify_run
from pipeline.shards.writer import write_shard
from tests.unit.shards.shard_records import (
    FINGERPRINT,
    make_reject,
    make_set,
    only_fault,
    own_image,
    shard_results,
    store,
    store_run,
    write_manifest,
)


@pytest.fixture
def layout(tmp_path: Path) -> RunLayout:
    layout = RunLayout(tmp_path / "run")
    store_run(layout)
    return layout


def seal(layout: RunLayout, shard_id: int = 0) -> None:
    """Make checksums fit what is on disk now, as a faulty writer would."""
    old = json.loads(layout.receipt(shard_id).read_bytes())
    for name in ("captions", "sidecar", "tar"):
        if old[name]:
            path = layout.root / old[name]["path"]
            digest = digest_file(path, old[name]["path"])
            old[name] |= {"sha256": digest.sha256, "size_bytes": digest.size_bytes}
    write_json(layout.receipt(shard_id), old)
    write_manifest(layout, FINGERPRINT, range(2))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (own_image().data[:-200], "does not decode"),
        (b"GIF89a no picture", "does not decode"),
        (own_image(extension="jpg").data[:300], "does not decode"),
    ],
    ids=["truncated png", "no picture", "truncated jpg"],
)
def test_pictures_that_do_not_decode(layout: RunLayout, data: bytes, what: str) -> None:
    bad = [RenderedSet(make_set(i, AnchorImage(data, "png", 24, 16))) for i in (20, 21)]
    store(layout, 1, [*bad, *shard_results(30)])
    write_manifest(layout, FINGERPRINT, range(2))
    faults = verify_run(layout)
    assert [fault.path for fault in faults] == [layout.tar(1)] * 2
    assert make_set(20).anchor.anchor_id in faults[0].what
    assert what in faults[0].what


def test_a_picture_of_another_size_than_recorded(layout: RunLayout) -> None:
    image = AnchorImage(own_image().data, "png", 25, 16)
    store(layout, 1, [RenderedSet(make_set(20, image))])
    write_manifest(layout, FINGERPRINT, range(2))
    only_fault(layout, layout.tar(1), "is 24×16 px")


def test_a_tar_that_is_not_of_these_captions(layout: RunLayout) -> None:
    write_captions(layout, 0, [make_reject(i) for i in range(4)])
    seal(layout)
    only_fault(layout, layout.sidecar(0), "source row 1 should be anchor")


def test_captions_that_say_something_else(layout: RunLayout) -> None:
    sets = [make_set(i) for i in range(3)]
    other = replace(sets[1].full[0], caption="an owl reads a book.")
    write_captions(layout, 0, [sets[0], replace(sets[1], full=(other,)), sets[2], make_reject(3)])
    seal(layout)
    only_fault(layout, layout.tar(0), "that the captions file lacks")


def test_a_tar_that_lacks_a_sample_or_has_one_too_many(layout: RunLayout) -> None:
    elsewhere = RunLayout(layout.root.parent / "elsewhere")
    fewer = [*shard_results(0, 2), make_reject(2), make_reject(3)]
    store(elsewhere, 0, fewer)
    own_tar = layout.tar(0).read_bytes()
    layout.tar(0).write_bytes(elsewhere.tar(0).read_bytes())
    seal(layout)
    only_fault(layout, layout.tar(0), "found the end")

    layout.tar(0).write_bytes(own_tar)
    texts = [make_set(0), make_set(1), make_set(2), make_reject(3)]
    captions = write_captions(elsewhere, 0, texts)
    rejected = replace(make_reject(2), anchor_id=make_set(2).anchor.anchor_id)
    write_shard(
        elsewhere,
        0,
        [*fewer[:2], rejected, fewer[3]],
        captions=captions,
        jpeg_quality=90,
        provenance={},
    )
    layout.sidecar(0).write_bytes(elsewhere.sidecar(0).read_bytes())
    layout.captions(0).write_bytes(elsewhere.captions(0).read_bytes())
    seal(layout)
    only_fault(layout, layout.tar(0), "is not in the sidecar")


def test_a_sidecar_that_tells_of_other_pictures(layout: RunLayout) -> None:
    elsewhere = RunLayout(layout.root.parent / "elsewhere")
    results = shard_results(0)
    images = results[1].images
    results[1] = replace(results[1], images=(replace(images[0], seed=5), *images[1:]))
    store(elsewhere, 0, results)
    layout.sidecar(0).write_bytes(elsewhere.sidecar(0).read_bytes())
    seal(layout)
    only_fault(layout, layout.tar(0), "pictures are not those of the sidecar")


def test_counts_that_are_not_those_of_the_sidecar(layout: RunLayout) -> None:
    receipt = read_receipt(layout, 1)
    assert receipt is not None
    write_receipt(layout, replace(receipt, counts=replace(receipt.counts, images=1)))
    write_manifest(layout, FINGERPRINT, range(2))
    only_fault(layout, layout.receipt(1), "counts")


def test_neutral_variants_that_the_captions_file_lacks(layout: RunLayout) -> None:
    sets = [make_set(i) for i in range(3)]
    reworded = (NeutralCaption("on the grass is a red dog", "clause.x"),)
    write_captions(layout, 0, [replace(sets[0], neutral=reworded), *sets[1:], make_reject(3)])
    seal(layout)
    only_fault(layout, layout.tar(0), "neutral variants are not those in the captions file")
