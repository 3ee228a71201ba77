"""What Prefect's pages show while a run or a training goes on.

A server that is away must not hold up the work: a call to it is tried again for about a
minute before it fails. So all that is shown is sent from a thread of its own, and only as it
stands when it is sent: what is late is dropped, never queued.
"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, MutableMapping
from contextvars import copy_context
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx
from prefect.artifacts import create_progress_artifact, update_progress_artifact

from pipeline.core.progress import Step
from pipeline.runs.job import Job, Pending
from pipeline.shards.timings import TimingsLog, timings_file

UPDATE_S = 5.0
"""Time between two updates of the progress bar, in seconds."""

LAST_WAIT_S = 60.0
"""Longest that a finished run waits until its last news are sent, in seconds: Prefect's own
report that the run has ended waits about as long for the server."""

Logger = logging.Logger | logging.LoggerAdapter[Any]


class Progress(ABC):
    """An observer whose news go to Prefect; see :class:`pipeline.core.progress.Observer`.

    As a context, it sends them while the block runs; enter it within the flow or the task
    that they belong to. Counting never waits for the server.
    """

    def __init__(self, logger: Logger) -> None:
        self._logger = logger
        self._guard = threading.Lock()
        self._done: Counter[Step] = Counter()
        self._changed = threading.Condition()
        self._waiting: dict[str, Callable[[], object]] = {}
        self._ending = False
        self._thread: threading.Thread | None = None
        self._artifact: UUID | None = None
        self._shown = ""
        self._reachable = True

    @property
    @abstractmethod
    def percent(self) -> float:
        """How far the work is, 0 to 100."""

    @property
    @abstractmethod
    def line(self) -> str:
        """What is done, in one line."""

    def advance(self, step: Step, amount: int, /) -> None:
        """Add to what is done."""
        with self._guard:
            self._done[step] += amount

    def send(self, what: str, send: Callable[[], object]) -> None:
        """Have something else sent soon; what waits under the same name is dropped for it."""
        with self._changed:
            self._waiting[what] = send
            self._changed.notify()

    def __enter__(self) -> Self:
        """Begin to send. The thread has the flow's context, so Prefect knows whose news it is."""
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._work,), name="progress", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Send how it ended, or drop it if the server is away; after an error, wait for nothing."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        if self._thread is None or error is not None:
            return
        self._thread.join(LAST_WAIT_S)
        if self._thread.is_alive():
            self._logger.warning("the last news are not shown, the server does not answer")

    def _work(self) -> None:
        ending = False
        while not ending:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ending, UPDATE_S)
                waiting, self._waiting = self._waiting, {}
                ending = self._ending
            self._update()
            for what, send in waiting.items():
                self._try(what, send)

    def _update(self) -> None:
        line, percent = self.line, self.percent
        if line != self._shown and self._try("progress", lambda: self._publish(percent, line)):
            self._shown = line

    def _try(self, what: str, send: Callable[[], object]) -> bool:
        """Whether it was sent; a server that is away costs one line in the log."""
        try:
            send()
        except httpx.HTTPError as error:
            if self._reachable:
                self._logger.warning("%s is not shown, the server cannot be told: %s", what, error)
            self._reachable = False
        else:
            self._reachable = True
        return self._reachable

    def _publish(self, percent: float, line: str) -> None:
        if self._artifact is None:
            made = create_progress_artifact(progress=percent, description=line)
            self._artifact = made if isinstance(made, UUID) else None
        else:
            update_progress_artifact(self._artifact, progress=percent, description=line)


class RunProgress(Progress):
    """Progress of a run, and the wish to stop it."""

    def __init__(self, logger: Logger) -> None:
        super().__init__(logger)
        self._stop = threading.Event()
        self._rows = 0
        self._shards = 0
        self._rows_finished = 0
        self._rows_by_shard: MutableMapping[int, int] = {}
        self._timings: TimingsLog | None = None

    @property
    def stopping(self) -> bool:
        """Whether the flow was asked to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask every stage that is under way to stop after its batch."""
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

    def total(self, step: Step, amount: int | None, /) -> None:
        """Ignored: :meth:`begin` takes the totals from the partition."""

    def measured(
        self, shard_id: int, stage: str, seconds: float, counts: dict[str, int], /
    ) -> None:
        """Log one line for each finished stage of a shard, and keep its time beside the run."""
        if stage == "images":
            with self._guard:
                self._rows_finished += self._rows_by_shard.get(shard_id, 0)
        numbers = ", ".join(f"{amount:,} {name}" for name, amount in counts.items())
        self._logger.info("%s of shard %06d: %s in %.1f s", stage, shard_id, numbers, seconds)
        if self._timings is not None and (
            trouble := self._timings.append(shard_id, stage, seconds, counts)
        ):
            self._logger.warning("%s", trouble)

    @property
    def percent(self) -> float:
        """How far the run is, 0 to 100: written captions count half, finished shards the rest.

        A stage that is tried again counts its rows again, so each is capped.
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


class TrainingProgress(Progress):
    """Progress of a training of so many steps."""

    stopping = False

    def __init__(self, logger: Logger, steps: int) -> None:
        super().__init__(logger)
        self._steps = steps

    def total(self, step: Step, amount: int | None, /) -> None:
        """Take note of how many steps there will be."""
        if step is Step.TRAINED and amount:
            self._steps = amount

    def measured(
        self, shard_id: int, stage: str, seconds: float, counts: dict[str, int], /
    ) -> None:
        """Ignored: a training has no shards."""

    @property
    def percent(self) -> float:
        """Share of the steps that are done, 0 to 100."""
        with self._guard:
            return 100.0 * min(1.0, self._done[Step.TRAINED] / self._steps)

    @property
    def line(self) -> str:
        """What is done, in one line."""
        with self._guard:
            encoded, trained = self._done[Step.ENCODED], self._done[Step.TRAINED]
        return f"{encoded:,} pictures encoded, {trained:,} of {self._steps:,} steps"
