"""Small hand-made records for the tests of the run directory."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.core.ids import content_id
from pipeline.core.records import (
    Anchor,
    AnchorImage,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    FullCaption,
    RenderedImage,
    RenderedSet,
    Replacement,
)
from pipeline.core.stage import Rejected
from pipeline.shards.atomic import write_json
from pipeline.shards.captions import write_captions
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import Manifest, ShardReceipt, gather_manifest, store_manifest
from pipeline.shards.shard_lists import write_shard_lists
from pipeline.shards.sidecar import SidecarWriter
from pipeline.shards.sidecar_rows import SidecarRow
from pipeline.shards.verify import verify_run
from pipeline.shards.writer import write_shard

FINGERPRINT = "0123456789abcdef"
PROVENANCE = {"config_fingerprint": FINGERPRINT, "run_seed": 7}


def pixels(seed: int, width_px: int = 24, height_px: int = 16) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)


def own_image(seed: int = 0, extension: str = "png") -> AnchorImage:
    buffer = io.BytesIO()
    formats = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
    Image.fromarray(pixels(seed)).save(buffer, format=formats[extension])
    return AnchorImage(buffer.getvalue(), extension, 24, 16)


def make_anchor(index: int, image: AnchorImage | None = None) -> Anchor:
    caption = f"a red dog number {index} on the grass."
    return Anchor(
        anchor_id=content_id("test", caption),
        caption=caption,
        original_caption=f"{caption[:-1]} .",
        source="cc_tsv",
        origin=f"captions.tsv:{index + 1}",
        url=f"https://example.org/{index}.jpg",
        image=image,
    )


def make_set(index: int, image: AnchorImage | None = None) -> CounterfactualSet:
    anchor = make_anchor(index, image)
    colour = CaptionEdit(
        kind=EditKind.ATTRIBUTE,
        subkind="colour",
        factual=anchor.caption,
        replacements=(Replacement(2, 5, "red", "blue"),),
        old="red",
        new="blue",
        rule="colour",
    )
    causal = CaptionEdit(
        kind=EditKind.CAUSAL_ORDER,
        subkind="because",
        factual="the grass is wet because it rained.",
        replacements=(
            Replacement(0, 16, "the grass is wet", "it rained"),
            Replacement(25, 34, "it rained", "the grass is wet"),
        ),
        old="the grass is wet",
        new="it rained",
        rule="because",
    )
    return CounterfactualSet(
        anchor=anchor,
        minimal=(colour, causal),
        full=(FullCaption("a cat sleeps in a kitchen.", "llm:test", "full.v1", ("object",)),),
        refused=(
            Rejected(
                anchor.anchor_id, "text.not_single_edit", "two edits", item="edit", kind="count"
            ),
        ),
        tokens_in=100 + index,
        tokens_out=10,
    )


def draw(cfset: CounterfactualSet) -> RenderedSet:
    names = {"control": cfset.anchor.caption, **cfset.captions()}
    images = tuple(
        RenderedImage(name, pixels(i), prompt, seed=2**62 + i, strategy="same_noise")
        for i, (name, prompt) in enumerate(names.items())
    )
    return RenderedSet(cfset, images)


def make_reject(index: int) -> Rejected:
    return Rejected("", "source.columns", "3 columns, not 2", origin=f"captions.tsv:{index + 1}")


def shard_results(first: int, rows: int = 4) -> list[RenderedSet | Rejected]:
    """Caption-only, drawn, drawn with an own picture, rejected; and again from the start."""
    makers = (
        lambda i: RenderedSet(make_set(i)),
        lambda i: draw(make_set(i)),
        lambda i: draw(make_set(i, own_image(i))),
        make_reject,
    )
    return [makers[i % 4](first + i) for i in range(rows)]


def store(
    layout: RunLayout, shard_id: int, results: Iterable[RenderedSet | Rejected]
) -> ShardReceipt:
    results = list(results)
    texts = [r if isinstance(r, Rejected) else r.cfset for r in results]
    captions = write_captions(layout, shard_id, texts)
    return write_shard(
        layout, shard_id, results, captions=captions, jpeg_quality=90, provenance=PROVENANCE
    )


def write_manifest(layout: RunLayout, fingerprint: str, shard_ids: Iterable[int]) -> Manifest:
    manifest = gather_manifest(layout, fingerprint, shard_ids)
    write_shard_lists(layout, manifest)
    store_manifest(layout, manifest)
    return manifest


def store_run(layout: RunLayout, shards: int = 2) -> None:
    write_json(layout.run_json, {"config_fingerprint": FINGERPRINT})
    write_json(layout.partition_json, [{"shard_id": i, "rows": 4} for i in range(shards)])
    for shard_id in range(shards):
        store(layout, shard_id, shard_results(4 * shard_id))
    write_manifest(layout, FINGERPRINT, range(shards))


def only_fault(layout: RunLayout, path: Path, what: str) -> None:
    faults = verify_run(layout)
    assert [fault.path for fault in faults] == [path], [str(fault) for fault in faults]
    assert what in faults[0].what
    assert faults[0].remedy


def write_rows(path: Path, rows: list[SidecarRow]) -> bytes:
    writer = SidecarWriter()
    for row in rows:
        writer.add(row)
    path.write_bytes(writer.finish())
    return path.read_bytes()
