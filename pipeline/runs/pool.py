"""The pool of a run's captions on disk: made in the pass that lays out the shards, then read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pipeline.core.errors import ShardCorruptError
from pipeline.core.records import SourceCaption
from pipeline.shards.atomic import atomic_file
from pipeline.shards.layout import RunLayout

if TYPE_CHECKING:
    from pipeline.edits.complete.pool import CaptionPool
    from pipeline.edits.stage import EditStage


def write_pool(
    layout: RunLayout,
    captions: Sequence[SourceCaption],
    stage: EditStage,
    between_batches: Callable[[], None],
) -> None:
    """Find each caption its counterparts, and write the pool: equal captions give equal bytes.

    Args:
        layout: The run directory.
        captions: A sample of the source.
        stage: The caption stage of the run, which parses.
        between_batches: Called now and then; what it raises ends the work, and nothing is written.

    Raises:
        PermanentError: The disk is full or refuses.
    """
    from pipeline.edits.complete.pool import build_pool

    pool = build_pool(captions, stage.parser, stage.full_wanted, between_batches)
    with atomic_file(layout.pool) as file:
        file.writelines(pool.lines())


def read_pool(layout: RunLayout) -> CaptionPool:
    """Read the pool that a run has written.

    Raises:
        ShardCorruptError: The file is missing or damaged.
    """
    from pipeline.edits.complete.pool import read_lines

    try:
        with layout.pool.open("rb") as file:
            return read_lines(file)
    except (ValueError, KeyError, TypeError, IndexError, OSError) as error:
        raise ShardCorruptError(
            f"{layout.pool} is damaged ({error}); delete it and run again: it is made anew from "
            "the input"
        ) from error
