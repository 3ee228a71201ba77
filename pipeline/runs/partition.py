"""How a run is cut into shards, on disk: written once, from one pass over the input, then read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.progress import Observer, Step, advance_or_stop
from pipeline.shards.atomic import write_json
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from pipeline.sources import ShardSpan, Source


def lay_out(
    layout: RunLayout, source: Source, observer: Observer, excluded: Sequence[Iterator[str]]
) -> None:
    """Write the partition where it is missing, from one pass over the input."""
    if layout.partition_json.exists():
        return
    spans = source.partition(lambda rows: advance_or_stop(observer, Step.ROWS, rows), excluded)
    write_json(layout.partition_json, [span.to_json() for span in spans])


def checked_partition(layout: RunLayout) -> tuple[ShardSpan, ...]:
    """The stored partition, which must be that of the shards of a finished run.

    Raises:
        ShardCorruptError: It is damaged, or of another run.
    """
    spans = read_partition(layout)
    manifest = read_manifest(layout)
    if manifest is not None and [r.counts.rows for r in manifest.shards] != [
        span.rows for span in spans
    ]:
        raise ShardCorruptError(
            f"{layout.partition_json} and {layout.manifest_json} are not of the same run; "
            "delete the first and run again: it is made anew from the input"
        )
    return spans


def read_partition(layout: RunLayout) -> tuple[ShardSpan, ...]:
    """Read the shards that a run was divided into.

    Raises:
        ShardCorruptError: The file is damaged.
    """
    try:
        stored = json.loads(layout.partition_json.read_text("utf-8"))
        spans = tuple(ShardSpan.from_json(entry) for entry in stored)
        follows = 0
        for number, span in enumerate(spans):
            if (span.shard_id, span.first_row) != (number, follows) or span.rows < 1:
                raise ValueError(f"shard {number} does not follow the one before it")
            follows += span.rows
        return spans
    except (ValueError, KeyError, TypeError, AttributeError, OSError, ConfigError) as error:
        raise ShardCorruptError(
            f"{layout.partition_json} is damaged ({error}); delete it and run again: "
            "it is made anew from the input"
        ) from error
