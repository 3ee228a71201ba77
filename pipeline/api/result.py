"""What a run made, for the script that started it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.shards.counts import ShardCounts


@dataclass(frozen=True, slots=True)
class RunResult:
    """What :func:`counterfactory.run` made.

    Attributes:
        root: The run directory; :func:`counterfactory.read_samples` takes it.
        counts: What became of the source rows; None where other processes of the launcher
            still work on the run.
        resumed_shards: Shards of this process that were finished before.
    """

    root: Path
    counts: ShardCounts | None
    resumed_shards: int
