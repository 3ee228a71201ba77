"""Run directories of painted scenes, written as a run writes them; what is planted is known.

The painter draws both sides alike, so such a run gives nothing away but what a test plants.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from pipeline.audit.result import Audit
from pipeline.audit.run import AuditModels, audit_run
from pipeline.config.loading import build_config
from pipeline.config.run import RunConfig
from pipeline.core.ids import content_id
from pipeline.core.records import (
    SCHEMA_VERSION,
    Anchor,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    RenderedImage,
    RenderedSet,
    Replacement,
    Role,
)
from pipeline.core.stage import Rejected
from pipeline.dataset_card.write import write_dataset_card
from pipeline.runs.shard import sample_provenance
from pipeline.shards.atomic import make_folder, write_json
from pipeline.shards.captions import write_captions
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import gather_manifest, store_manifest
from pipeline.shards.shard_lists import write_shard_lists
from pipeline.shards.writer import write_shard
from pipeline.training.world.judge import Pair, draw_pair
from pipeline.training.world.painter import paint
from pipeline.training.world.spans import replacements

KINDS = ("colour", "size", "count", "relation", "object")
_PIPELINE_KINDS = {
    "colour": EditKind.ATTRIBUTE, "size": EditKind.ATTRIBUTE, "object": EditKind.OBJECT,
    "count": EditKind.COUNT, "relation": EditKind.RELATION,
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """What a run gives away.

    Attributes:
        blur_px: Radius of a blur over every counterfactual picture.
        ending: Words at the end of every counterfactual caption.
        source: The scenes are drawn from this seed.
    """

    blur_px: float = 0.0
    ending: str = ""
    source: int = 0


CLEAN = Planted()


def write_painted_run(
    root: Path, sets: int, planted: Planted = CLEAN, shards: int = 2
) -> RunLayout:
    """Write a complete run of `sets` sets with one minimal edit each."""
    layout = RunLayout(root)
    config = build_config(
        {
            "source": {"kind": "tabular", "input": "sample:world"},
            "images": {"renderer": "sdxl", "model": "builtin:world"},
        }
    )
    make_folder(layout.root)
    write_json(layout.run_json, {
        "schema_version": SCHEMA_VERSION, "config": config.product(),
        "config_fingerprint": config.fingerprint,
        "source": {"kind": "tabular", "input": "sample:world", "files": 1, "fingerprint": "0"},
        "stages": {}, "versions": {"counterfactory": "0.1.0"},
        "image_model": {"model": "builtin:world", "revision": None, "commit": None},
    })  # fmt: skip
    rendered = list(painted_sets(sets, planted))
    size = -(-sets // shards)
    write_json(layout.partition_json, [{"shard_id": i, "rows": size} for i in range(shards)])
    for shard_id in range(shards):
        _write_shard(layout, shard_id, rendered[shard_id * size : (shard_id + 1) * size], config)
    manifest = gather_manifest(layout, config.fingerprint, range(shards))
    write_shard_lists(layout, manifest)
    write_dataset_card(layout, manifest)
    store_manifest(layout, manifest)
    return layout


def _write_shard(
    layout: RunLayout, shard_id: int, results: list[RenderedSet], config: RunConfig
) -> None:
    captions = write_captions(layout, shard_id, [rendered.cfset for rendered in results])
    write_shard(
        layout, shard_id, results, captions=captions, jpeg_quality=config.images.jpeg_quality,
        provenance=sample_provenance(config, config.fingerprint),
    )  # fmt: skip


def painted_sets(count: int, planted: Planted) -> Iterator[RenderedSet]:
    """Sets of one factual scene and one edited one; no caption comes twice."""
    state = random.Random(f"{planted.source} painted")
    seen: set[str] = set()
    while len(seen) < count:
        number = len(seen)
        pair = draw_pair(state, KINDS[number % len(KINDS)])
        text = pair.caption.text
        if text in seen:
            continue
        seen.add(text)
        edit = _as_edit(pair, planted.ending)
        pictures = (
            _image("control", text, paint(pair.scene)),
            _image("min0", edit.caption, blurred(paint(pair.edited_scene), planted.blur_px)),
        )
        anchor = Anchor(content_id("painted", text), text, text, "tabular", f"world:{number + 1}")
        refused = (
            Rejected(
                anchor.anchor_id,
                "text.fluency",
                item="edit",
                kind="relation",
                caption=f"{text} upside down",
            ),
        )
        yield RenderedSet(CounterfactualSet(anchor, (edit,), refused=refused), pictures)


def _as_edit(pair: Pair, ending: str) -> CaptionEdit:
    text = pair.caption.text
    pieces = replacements(pair.caption, pair.edited)
    marked = [replace(p, role=Role.EDIT if i == 0 else Role.REPAIR) for i, p in enumerate(pieces)]
    if ending and marked[-1].end == len(text):
        marked[-1] = replace(marked[-1], new=marked[-1].new + ending)
    elif ending:
        marked.append(Replacement(len(text), len(text), "", ending, Role.REPAIR))
    kind = _PIPELINE_KINDS[pair.kind]
    return CaptionEdit(
        kind, pair.kind, text, tuple(marked), pieces[0].old, pieces[0].new, rule="world"
    )


def _image(variant: str, prompt: str, pixels: np.ndarray) -> RenderedImage:
    return RenderedImage(variant, pixels, prompt, seed=7, strategy="same_noise")


def blurred(pixels: np.ndarray, radius_px: float) -> np.ndarray:
    if not radius_px:
        return pixels
    picture = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius_px))
    return np.asarray(picture)


def audit(layout: RunLayout, against: Path | None = None) -> Audit:
    return audit_run(layout.root, AuditModels(), against=against)
