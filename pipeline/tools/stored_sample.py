"""How large a run will be: its sample of sets is written as a run writes it, and measured."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.config.run import RunConfig
from pipeline.core.records import CounterfactualSet, RenderedImage, RenderedSet
from pipeline.core.stage import Rejected
from pipeline.render.plan import plan_set
from pipeline.runs.shard import sample_provenance
from pipeline.shards.captions import write_captions
from pipeline.shards.layout import RunLayout
from pipeline.shards.sidecar import SidecarWriter
from pipeline.shards.writer import write_shard

JPEG_BITS_PER_PIXEL: Final = 2.2
"""Photo-like pictures at quality 92."""

RECEIPTS: Final = 2.5
"""A shard's receipt and its place in the manifest and the lists, in sizes of the receipt."""

_FLAT: Final = np.zeros((8, 8, 3), np.uint8)
"""Stands for a picture: its file has all that a JPEG file has around the picture itself."""


@dataclass(frozen=True, slots=True)
class StoredSize:
    """Bytes of some rows in a run directory.

    Attributes:
        rows_bytes: What grows with the rows: captions, tar with its padding, sidecar, and what
            stands around each picture.
        shard_bytes: What each shard has besides.
        pixels: Of all pictures that are kept.
    """

    rows_bytes: int
    shard_bytes: int
    pixels: int

    def of_run(self, scale: float, shards: int) -> int:
        """Bytes of so many times the rows, in so many shards."""
        pictures = self.pixels * JPEG_BITS_PER_PIXEL / 8
        return round(scale * (self.rows_bytes + pictures) + shards * self.shard_bytes)


def stored_size(config: RunConfig, results: Sequence[CounterfactualSet | Rejected]) -> StoredSize:
    """Write the results to a temporary folder as one shard, and measure its files.

    Args:
        config: The run.
        results: One for each row of a sample.
    """
    shown = [one if isinstance(one, Rejected) else _drawn(config, one) for one in results]
    with tempfile.TemporaryDirectory(prefix="counterfactory-plan-") as folder:
        layout = RunLayout(Path(folder))
        write_shard(
            layout,
            0,
            shown,
            captions=write_captions(layout, 0, results),
            jpeg_quality=config.images.jpeg_quality,
            provenance=sample_provenance(config, config.fingerprint),
            scores=config.measured,
        )
        sizes = {path: path.stat().st_size for path in layout.root.rglob("*") if path.is_file()}
    receipt = sizes.pop(layout.receipt(0))
    # A parquet file has much that does not grow with its rows.
    empty = len(SidecarWriter(config.measured).finish())
    kept = sum(len(one.images) for one in shown if isinstance(one, RenderedSet))
    if config.images.keep_candidates:
        kept *= 1 + config.images.candidates
    return StoredSize(
        sum(sizes.values()) - empty,
        round(RECEIPTS * receipt) + empty,
        kept * config.images.width_px * config.images.height_px,
    )


def _drawn(config: RunConfig, cfset: CounterfactualSet) -> RenderedSet:
    """The set with a flat picture for each that a run keeps."""
    if config.images.renderer == "none":
        return RenderedSet(cfset, ())
    return RenderedSet(
        cfset,
        tuple(
            RenderedImage(
                draw.variant, _FLAT, draw.prompt, draw.seed, draw.strategy,
                parameters=draw.parameters,
            )
            for draw in plan_set(cfset, config.seed, config.images)
            if draw.candidate == 0
        ),
    )  # fmt: skip
