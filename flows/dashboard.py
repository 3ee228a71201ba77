"""What Prefect's pages show of a run: a progress bar while it goes on, a summary at its end."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, MutableMapping
from typing import Any
from uuid import UUID

import httpx
from prefect.artifacts import create_progress_artifact, update_progress_artifact

from pipeline.core.progress import Step
from pipeline.runs.job import Job, Pending
from pipeline.shards.timings import TimingsLog, timings_file

UPDATE_S = 5.0
"""Shortest time between two updates of the progress bar, in seconds."""

Logger = logging.Logger | logging.LoggerAdapter[Any]


class Dashboard:
    """An observer whose news goes to Prefect; see :class:`pipeline.core.progress.Observer`.

    Counting is safe from every thread and never talks to Prefect. :meth:`show` does, and
    is for the flow's own thread.
    """

    def __init__(self, logger: Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._clock = clock
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._done: Counter[Step] = Counter()
        self._rows = 0
        self._shards = 0
        self._rows_finished = 0
        self._rows_by_shard: MutableMapping[int, int] = {}
        self._artifact: UUID | None = None
        self._shown = ""
        self._next_update = float("-inf")
        self._reachable = True
        self._timings: TimingsLog | None = None

    @property
    def stopping(self) -> bool:
        """Whether the flow was asked to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask every half that is under way to stop after its batch."""
        self._stop.set()

    def wait_unless_stopping(self, seconds: float) -> bool:
        """Wait; False at once when the flow is asked to stop, else True after the time."""
        return not self._stop.wait(seconds)

    def begin(self, job: Job, left: Pending) -> None:
        """Count what an earlier run has finished already, and say what is left."""
        self._timings = TimingsLog(timings_file(job.layout))
        rows = [span.rows for span in job.spans]
        with self._guard:
            self._rows_by_shard = dict(enumerate(rows))
            self._rows, self._shards = sum(rows), len(rows)
            self._done[Step.SHARDS] = len(rows) - len(left.shards)
            self._rows_finished = self._rows - sum(rows[i] for i in left.shards)
            self._done[Step.ANCHORS] = self._rows - sum(rows[i] for i in left.captions)
        self._logger.info(
            "%s: %d of %d shards to make, %d of them with captions to write",
            job.layout.root,
            len(left.shards),
            len(rows),
            len(left.captions),
        )

    def advance(self, step: Step, amount: int, /) -> None:
        """Add to what is done."""
        with self._guard:
            self._done[step] += amount

    def total(self, step: Step, amount: int | None, /) -> None:
        """Ignored: :meth:`begin` takes the totals from the partition."""

    def measured(self, shard_id: int, half: str, seconds: float, counts: dict[str, int], /) -> None:
        """Log one line for each finished half, and keep its time beside the run."""
        if half == "images":
            with self._guard:
                self._rows_finished += self._rows_by_shard.get(shard_id, 0)
        numbers = ", ".join(f"{amount:,} {name}" for name, amount in counts.items())
        self._logger.info("%s of shard %06d: %s in %.1f s", half, shard_id, numbers, seconds)
        if self._timings is not None and (
            trouble := self._timings.append(shard_id, half, seconds, counts)
        ):
            self._logger.warning("%s", trouble)

    @property
    def percent(self) -> float:
        """How far the run is, 0 to 100: written captions are one half, finished shards the other.

        A half that is tried again counts its rows again, so each half is capped.
        """
        with self._guard:
            if not self._rows:
                return 100.0 if self._shards == self._done[Step.SHARDS] else 0.0
            written = min(self._done[Step.ANCHORS], self._rows)
            return 50.0 * (written + min(self._rows_finished, self._rows)) / self._rows

    @property
    def line(self) -> str:
        """What is done, in one line."""
        with self._guard:
            done = self._done
            return (
                f"captions of {min(done[Step.ANCHORS], self._rows):,} of {self._rows:,} rows, "
                f"{done[Step.EDITS]:,} edits and {done[Step.IMAGES]:,} pictures in this run, "
                f"{done[Step.SHARDS]:,} of {self._shards:,} shards finished"
            )

    def show(self, *, now: bool = False) -> None:
        """Update the progress bar if it is due and something changed.

        A server that cannot be reached costs a line in the log, never the run.

        Args:
            now: Update it even if it is not due.
        """
        line, moment = self.line, self._clock()
        if line == self._shown or (moment < self._next_update and not now):
            return
        self._next_update = moment + UPDATE_S
        try:
            self._publish(self.percent, line)
        except httpx.HTTPError as error:
            if self._reachable:
                self._logger.warning("progress is not shown, the server cannot be told: %s", error)
            self._reachable = False
        else:
            self._shown, self._reachable = line, True

    def _publish(self, percent: float, line: str) -> None:
        if self._artifact is None:
            made = create_progress_artifact(progress=percent, description=line)
            self._artifact = made if isinstance(made, UUID) else None
        else:
            update_progress_artifact(self._artifact, progress=percent, description=line)
