"""Progress on a terminal or in a log, timings in a file, and asking a run to stop."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from pipeline.core.progress import Step
from pipeline.shards.timings import TimingsLog

EXIT_STOPPED = 130
"""What a shell expects of a program that a signal stopped."""

LOG_EVERY_S = 20.0
"""Where there is no terminal, a line at most this often."""

LABELS = {
    Step.ROWS: "rows read",
    Step.ANCHORS: "anchors",
    Step.EDITS: "counterfactuals",
    Step.IMAGES: "images",
    Step.SHARDS: "shards",
    Step.ENCODED: "pictures encoded",
    Step.TRAINED: "training steps",
}


class _RateColumn(ProgressColumn):
    """Items per second since the start."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if not speed else f"{speed:,.1f}/s", style="cyan")


class ConsoleObserver:
    """Shows a run's progress: live bars on a terminal, a line now and then in a log.

    Attributes:
        stopping: True once the user asked to stop.
    """

    def __init__(
        self, console: Console, *, quiet: bool = False, timings: TimingsLog | None = None
    ) -> None:
        self.stopping = False
        self._console = console
        self._quiet = quiet
        self._timings = timings
        self._lock = threading.Lock()
        self._done: dict[Step, int] = {}
        self._totals: dict[Step, int | None] = {}
        self._bars: dict[Step, TaskID] = {}
        self._logged = time.monotonic()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _RateColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=quiet or not console.is_terminal,
        )

    @contextmanager
    def watching(self) -> Iterator[ConsoleObserver]:
        """Show the bars, and turn SIGINT and SIGTERM into a wish to stop.

        The first signal stops between batches; a second SIGINT stops at once, which is safe
        too: nothing half-written ever has its final name.
        """
        previous = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
        main = threading.current_thread() is threading.main_thread()
        if main:
            for name in previous:
                signal.signal(name, self._ask_to_stop)
        try:
            with self._progress:
                yield self
                if not self.stopping:
                    self._finish_bars()
        finally:
            if main:
                for name, handler in previous.items():
                    signal.signal(name, handler)

    def _finish_bars(self) -> None:
        """Fill the bars whose end was not known: what is done is all there was."""
        with self._lock:
            for step, bar in self._bars.items():
                if not self._totals.get(step):
                    self._progress.update(bar, total=self._done.get(step, 0))

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopping and number == signal.SIGINT:
            # Not an exception: a thread that waits for a slow answer would hold it up.
            self._console.print("stopped at once; the same command goes on from there")
            self._console.show_cursor(True)
            os._exit(EXIT_STOPPED)
        self.stopping = True
        self._console.print("stopping after this batch; press Ctrl-C again to stop at once")

    def advance(self, step: Step, amount: int, /) -> None:
        """Add to what is done of a step."""
        with self._lock:
            self._done[step] = self._done.get(step, 0) + amount
            self._progress.update(self._bar(step), advance=amount)
            self._log()

    def total(self, step: Step, amount: int | None, /) -> None:
        """Say how much of a step there will be."""
        with self._lock:
            self._totals[step] = amount
            self._progress.update(self._bar(step), total=amount)

    def measured(
        self, shard_id: int, stage: str, seconds: float, counts: dict[str, int], /
    ) -> None:
        """Append a line to the timings, which lie beside the run directory and not in it."""
        if self._timings is None:
            return
        if trouble := self._timings.append(shard_id, stage, seconds, counts):
            self._console.print(trouble, markup=False, highlight=False)

    def _bar(self, step: Step) -> TaskID:
        if step not in self._bars:
            self._bars[step] = self._progress.add_task(LABELS[step], total=self._totals.get(step))
        return self._bars[step]

    def _log(self) -> None:
        if self._quiet or self._console.is_terminal:
            return
        now = time.monotonic()
        if now - self._logged >= LOG_EVERY_S:
            self._logged = now
            parts = [f"{LABELS[step]} {self._share(step)}" for step in Step if step in self._done]
            self._console.print(", ".join(parts))

    def _share(self, step: Step) -> str:
        total = self._totals.get(step)
        return f"{self._done[step]:,}" + (f" of {total:,}" if total else "")
