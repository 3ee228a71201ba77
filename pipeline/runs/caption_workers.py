"""Who writes the captions of a run's shards: threads of this process, or processes of its own."""

from __future__ import annotations

import importlib
import multiprocessing
import operator
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait

from pipeline.core.errors import PermanentError, StageContractError
from pipeline.core.progress import Observer, Silent, Step
from pipeline.runs.balance import run_balance
from pipeline.runs.components import Components
from pipeline.runs.job import Job
from pipeline.runs.schedule import ShardStage
from pipeline.runs.scratch import prepare_scratch
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
        initializer=_WorkerInitializer(),
        initargs=(job, dict(environ)),
    ) as pool:

        def write_in_worker(shard_id: int) -> None:
            try:
                told = pool.submit(_write, shard_id).result()
            except BrokenProcessPool as error:
                raise PermanentError(
                    "a process that wrote captions was killed, perhaps for want of memory; "
                    "run again to go on, with fewer --set workers=… if it happens again"
                ) from error
            # A worker cannot reach the observer, which is told when the shard is done.
            for step, amount in told.done.items():
                observer.advance(step, amount)
            observer.measured(shard_id, ShardStage.CAPTIONS, told.seconds, told.counts)

        yield write_in_worker


class _Recorder(Silent):
    """What a worker tells of one shard."""

    def __init__(self) -> None:
        self.done: Counter[Step] = Counter()
        self.seconds = 0.0
        self.counts: dict[str, int] = {}

    def advance(self, step: Step, amount: int, /) -> None:
        """Add to what is done."""
        self.done[step] += amount

    def measured(
        self, shard_id: int, stage: str, seconds: float, counts: dict[str, int], /
    ) -> None:
        """Keep what the shard took."""
        self.seconds, self.counts = seconds, counts


_worker: tuple[Job, Components] | None = None
"""What a worker process works on; set once when it starts."""


def _open_worker(job: Job, environ: Mapping[str, str]) -> None:
    global _worker
    # Signals reach the whole process group; the parent decides what happens then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    prepare_scratch(job.config.run)
    share = job.config.workers * job.rank.world_size
    components = Components(job.config, environ, share=share)
    components.use_balance(run_balance(job.config, job.layout, Silent()))
    _worker = (job, components)


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


def _write(shard_id: int) -> _Recorder:
    if _worker is None:
        raise StageContractError("a caption worker was not opened")
    job, components = _worker
    told = _Recorder()
    write_shard_captions(job, shard_id, components, told)
    return told
