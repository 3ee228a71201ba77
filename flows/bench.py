"""What the tasks of a flow run share, so that a shard's number is all they are given.

It lies in a module of its own because Prefect pickles a served flow together with the
globals of its module, and a context variable cannot be pickled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from flows.dashboard import Dashboard
from pipeline.runs.components import Workshop
from pipeline.runs.job import Job


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the tasks of one flow run work.

    Attributes:
        job: The run.
        workshop: Its models, loaded once for the process.
        dashboard: Where progress goes and the wish to stop comes from.
    """

    job: Job
    workshop: Workshop
    dashboard: Dashboard


# Prefect copies the flow's context into each task's thread, so that two flow runs in one
# process do not meet.
_BENCH: ContextVar[Bench] = ContextVar("_BENCH")


@contextmanager
def shared(bench: Bench) -> Iterator[None]:
    """Let the tasks that are submitted within the block find the bench."""
    token = _BENCH.set(bench)
    try:
        yield
    finally:
        _BENCH.reset(token)


def current() -> Bench:
    """The bench of the flow run that this task belongs to.

    Raises:
        LookupError: It belongs to none.
    """
    return _BENCH.get()
