"""The captions of finished runs, which another run leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.core.errors import ConfigError
from pipeline.shards.columns import read_columns
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from pipeline.stores.location import located


def excluded_captions(runs: Sequence[str]) -> list[Iterator[str]]:
    """The factual captions of each run's sets, in their order, read as they are asked for.

    Raises:
        ConfigError: One is no finished run.
        ShardCorruptError: The manifest of one is damaged; while iterating, a sidecar.
    """
    return [_captions(layout) for layout in map(_finished, runs)]


def _finished(run: str) -> RunLayout:
    layout = RunLayout(located(run))
    if read_manifest(layout) is None:
        raise ConfigError(
            f"source.exclude: {run} is no finished run directory, so which captions it will have "
            "is not known; finish it first, or leave it away"
        )
    return layout


def _captions(layout: RunLayout) -> Iterator[str]:
    manifest = read_manifest(layout)
    for receipt in manifest.shards if manifest is not None else ():
        sidecar = layout.sidecar(receipt.shard_id)
        for item, status, caption in read_columns(sidecar, ("item", "status", "caption")):
            if item == "anchor" and status == "made":
                yield str(caption)
