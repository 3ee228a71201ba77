"""What the tasks of a flow run share, so that a shard's number is all they are given.

It lies in a module of its own because Prefect pickles a served flow together with the
globals of its module, and a context variable cannot be pickled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from flows.progress import RunProgress
from pipeline.runs.caption_workers import WriteCaptions
from pipeline.runs.components import Components
from pipeline.runs.job import Job


@dataclass(frozen=True, slots=True)
class FlowContext:
    """What the tasks of one flow run work with.

    Attributes:
        job: The run.
        components: Its models, loaded once for the process.
        progress: Where progress goes and the wish to stop comes from.
        write_captions: Writes the captions of a shard, here or in a process of their own.
    """

    job: Job
    components: Components
    progress: RunProgress
    write_captions: WriteCaptions


# Prefect copies the flow's context into each task's thread, so that two flow runs in one
# process do not meet.
_CONTEXT: ContextVar[FlowContext] = ContextVar("_CONTEXT")


@contextmanager
def shared(context: FlowContext) -> Iterator[None]:
    """Let the tasks that are submitted within the block find the context."""
    token = _CONTEXT.set(context)
    try:
        yield
    finally:
        _CONTEXT.reset(token)


def current() -> FlowContext:
    """The context of the flow run that this task belongs to.

    Raises:
        LookupError: It belongs to none.
    """
    return _CONTEXT.get()
