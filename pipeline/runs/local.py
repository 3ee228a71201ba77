"""A whole run in one process tree: captions run ahead while pictures are drawn."""

from __future__ import annotations

import importlib
import multiprocessing
import operator
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError, PermanentError, StageContractError
from pipeline.core.progress import Observer, Silent, Step
from pipeline.runs.components import Workshop
from pipeline.runs.job import Job, finish_as_last, locked, open_job, pending
from pipeline.runs.rank import ALONE, Place
from pipeline.runs.shard import write_captions_half, write_images_half
from pipeline.shards.manifest import Manifest

if TYPE_CHECKING:
    from pipeline.adapters.llm.budget import Spend

AHEAD = 2
"""Caption halves under way for each worker; they wait on disk for their pictures."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished run.

    Attributes:
        job: What was run.
        manifest: What was made; None where other processes of the crew still work on it.
        resumed_shards: Of this process's shards, those that were finished before.
        spend: What this process asked of a language model; None without one.
    """

    job: Job
    manifest: Manifest | None
    resumed_shards: int
    spend: Spend | None = None


def run_config(
    config: RunConfig,
    environ: Mapping[str, str],
    observer: Observer | None = None,
    place: Place = ALONE,
) -> Outcome:
    """Make everything that the config asks for, or what is left of it.

    Of a crew, each process makes its shards and the last one finishes the run.

    Raises:
        ConfigError: The input, the models or the run directory cannot be used as asked.
        Stopped: The user asked to stop; finished shards are kept.
        TransientError: The language model may answer later; run again then.
        PermanentError: A full disk, a refused key, a model that does not fit.
    """
    observer = observer or Silent()
    if config.workers > 1 and config.llm.provider != "none":
        raise ConfigError(
            "workers above 1 are for captions by rules alone: with a language model use "
            "--set workers=1 and raise llm.concurrency, which needs no further processes"
        )
    device = place.device(config.images.device)
    images = config.images.model_copy(update={"device": device})
    scores = config.scores.model_copy(update={"device": place.device(config.scores.device)})
    config = config.model_copy(update={"images": images, "scores": scores})
    with Workshop(config, environ, share=place.size) as workshop:
        job = open_job(config, workshop, observer, place)
        with locked(job, observer):
            left = pending(job)
            observer.total(Step.ANCHORS, sum(job.spans[i].rows for i in left.captions))
            observer.total(Step.SHARDS, len(left.shards))
            with _caption_writer(job, workshop, environ, observer) as writer:
                for shard_id in writer.in_order(left.shards, left.captions):
                    write_images_half(job, shard_id, workshop, observer)
            resumed = sum(map(place.takes, job.shard_ids)) - len(left.shards)
            return Outcome(job, finish_as_last(job, observer), resumed, workshop.spend)


Submit = Callable[[Executor, int], "Future[None]"]


class _CaptionWriter:
    """Writes caption halves ahead of the shard that is being drawn, and never too far."""

    def __init__(self, executor: Executor, submit: Submit, window: int) -> None:
        self._executor = executor
        self._submit = submit
        self._window = window

    def in_order(self, shards: Sequence[int], captions: Sequence[int]) -> Iterator[int]:
        """Yield each shard when its captions are there."""
        queue = deque(captions)
        waiting: dict[int, Future[None]] = {}
        for shard_id in shards:
            while queue and len(waiting) < self._window:
                following = queue.popleft()
                waiting[following] = self._submit(self._executor, following)
            future = waiting.pop(shard_id, None)
            if future is not None:
                try:
                    future.result()
                except BrokenProcessPool as error:
                    raise PermanentError(
                        "a process that wrote captions was killed, perhaps for want of memory; "
                        "run again to go on, with fewer --set workers=… if it happens again"
                    ) from error
            yield shard_id


@contextmanager
def _caption_writer(
    job: Job, workshop: Workshop, environ: Mapping[str, str], observer: Observer
) -> Iterator[_CaptionWriter]:
    """Threads share this process's models; processes bring their own copy of spaCy."""
    executor: Executor
    if job.config.workers == 1:
        executor = ThreadPoolExecutor(1, thread_name_prefix="captions")

        def submit(pool: Executor, shard_id: int) -> Future[None]:
            return pool.submit(_write_here, job, shard_id, workshop, observer)

    else:
        executor = ProcessPoolExecutor(
            job.config.workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_WorkerInitializer(),
            initargs=(job, dict(environ)),
        )

        def submit(pool: Executor, shard_id: int) -> Future[None]:
            future = pool.submit(_write_in_worker, shard_id)
            future.add_done_callback(lambda done: _report(done, job, shard_id, observer))
            return future

    try:
        yield _CaptionWriter(executor, submit, AHEAD * job.config.workers)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _write_here(job: Job, shard_id: int, workshop: Workshop, observer: Observer) -> None:
    write_captions_half(job, shard_id, workshop, observer)


def _report(done: Future[None], job: Job, shard_id: int, observer: Observer) -> None:
    """A worker process cannot reach the observer: count its shard when it is done."""
    if not done.cancelled() and done.exception() is None:
        observer.advance(Step.ANCHORS, job.spans[shard_id].rows)


_worker: tuple[Job, Workshop] | None = None
"""What a worker process works on; set once when it starts."""


def _open_worker(job: Job, environ: Mapping[str, str]) -> None:
    global _worker
    # Signals reach the whole process group; the parent decides what happens then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = (job, Workshop(job.config, environ, share=job.config.workers * job.place.size))


class _ImportCounterfactory:
    """Pickled, the module `counterfactory`: to unpickle it is to import it."""

    def __reduce__(self) -> tuple[object, ...]:
        return importlib.import_module, ("counterfactory",)


class _WorkerInitializer:
    """Opens a worker; unpickled, it first binds our packages as the parent has them.

    A worker of a notebook, or of a script that imports counterfactory under its main guard, runs
    nothing before it unpickles this. By name alone it would look for `pipeline` on Python's path,
    and find a folder of that name where the script was started.
    """

    def __call__(self, job: Job, environ: Mapping[str, str]) -> None:
        _open_worker(job, environ)

    def __reduce__(self) -> tuple[object, ...]:
        # In order: first the import, then the function, and of the two the function is taken.
        return operator.itemgetter(1), ((_ImportCounterfactory(), _open_worker),)


def _end_with_parent() -> None:
    """End this process when its parent does: it must not write without the parent's lock."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _write_in_worker(shard_id: int) -> None:
    if _worker is None:
        raise StageContractError("a caption worker was not opened")
    job, workshop = _worker
    write_captions_half(job, shard_id, workshop)
