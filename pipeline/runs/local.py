"""The executor of the command: every stage in this process, captions in `workers` of them.

A stage that failed for what may pass is tried again, as the flow does (:mod:`pipeline.runs.retry`).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from pipeline.core.progress import Observer, Step
from pipeline.runs.caption_workers import caption_writer
from pipeline.runs.components import Components
from pipeline.runs.job import Job, Pending
from pipeline.runs.retry import RetryingObserver
from pipeline.runs.schedule import Scheduler
from pipeline.runs.shard import write_shard_images


class LocalExecutor:
    """Works in threads and processes; see :class:`pipeline.runs.schedule.Executor`."""

    def __init__(
        self, job: Job, components: Components, environ: Mapping[str, str], observer: Observer
    ) -> None:
        """Start nothing yet."""
        self._job = job
        self._components = components
        self._environ = environ
        self._observer = _Stoppable(observer)

    def run(self, left: Pending, /) -> None:
        """Make what is left of the run."""
        job, components = self._job, self._components
        observer = RetryingObserver(self._observer)
        workers = job.config.workers
        observer.total(Step.ANCHORS, sum(job.spans[i].rows for i in left.captions))
        observer.total(Step.SHARDS, len(left.shards))

        def draw(shard_id: int) -> None:
            write_shard_images(job, shard_id, components, observer)

        with (
            caption_writer(job, components, self._environ, observer) as write_captions,
            ThreadPoolExecutor(workers + 1, thread_name_prefix="shard-stage") as pool,
        ):
            Scheduler(
                captions=lambda i: pool.submit(observer.call, write_captions, i),
                images=lambda i: pool.submit(observer.call, draw, i),
                stop=self._observer.stop,
                captions_at_once=workers,
            ).run(left)


class _Stoppable:
    """The observer, which an interrupted executor can make ask for a stop too."""

    def __init__(self, observer: Observer) -> None:
        self._stop = threading.Event()
        self._observer = observer
        self.advance = observer.advance
        self.total = observer.total
        self.measured = observer.measured

    def stop(self) -> None:
        """Ask the stages under way to stop after their batch."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether the user asked to stop, or the executor did."""
        return self._stop.is_set() or self._observer.stopping
