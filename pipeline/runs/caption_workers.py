"""Who writes the captions of a run's shards: threads of this process, or processes of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait

from pipeline.core.errors import PermanentError, StageContractError
from pipeline.core.progress import Observer, Step
from pipeline.runs.components import Components
from pipeline.runs.job import Job
from pipeline.runs.shard import write_shard_captions

WriteCaptions = Callable[[int], None]
"""Writes the captions of one shard and returns when they are there."""


@contextmanager
def caption_writer(
    job: Job, components: Components, environ: Mapping[str, str], observer: Observer
) -> Iterator[WriteCaptions]:
    """What writes the captions of a shard, as often at once as `workers` says.

    With one worker the calling thread does it, with this process's models. With more, each
    is a process with its own copy of spaCy, which cannot be asked to stop within a shard.
    """
    if job.config.workers == 1:

        def write_here(shard_id: int) -> None:
            write_shard_captions(job, shard_id, components, observer)

        yield write_here
        return
    with ProcessPoolExecutor(
        job.config.workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_open_worker,
        initargs=(job, dict(environ)),
    ) as pool:

        def write_in_worker(shard_id: int) -> None:
            try:
                pool.submit(_write, shard_id).result()
            except BrokenProcessPool as error:
                raise PermanentError(
                    "a process that wrote captions was killed, perhaps for want of memory; "
                    "run again to go on, with fewer --set workers=… if it happens again"
                ) from error
            # A worker cannot reach the observer: its shard is counted when it is done.
            observer.advance(Step.ANCHORS, job.spans[shard_id].rows)

        yield write_in_worker


_worker: tuple[Job, Components] | None = None
"""What a worker process works on; set once when it starts."""


def _open_worker(job: Job, environ: Mapping[str, str]) -> None:
    global _worker
    # Signals reach the whole process group; the parent decides what happens then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    share = job.config.workers * job.rank.world_size
    _worker = (job, Components(job.config, environ, share=share))


def _end_with_parent() -> None:
    """End this process when its parent does: it must not write without the parent's lock."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _write(shard_id: int) -> None:
    if _worker is None:
        raise StageContractError("a caption worker was not opened")
    job, components = _worker
    write_shard_captions(job, shard_id, components)
