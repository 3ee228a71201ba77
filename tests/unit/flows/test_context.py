"""Tasks find the context of their own flow run, and none outside of one."""

from __future__ import annotations

import contextvars
import threading
from typing import Any, cast

import pytest

from flows.context import FlowContext, current, shared


def context_of(job: object) -> FlowContext:
    return FlowContext(cast(Any, job), cast(Any, None), cast(Any, None), cast(Any, None))


def test_the_context_is_there_within_the_block_only() -> None:
    outer, inner = context_of("outer"), context_of("inner")
    with pytest.raises(LookupError):
        current()
    with shared(outer):
        with shared(inner):
            assert current() is inner
        assert current() is outer
    with pytest.raises(LookupError):
        current()


def test_an_error_within_the_block_leaves_nothing_behind() -> None:
    def fail() -> None:
        with shared(context_of("failed")):
            raise ValueError("a task failed")

    with pytest.raises(ValueError, match="a task failed"):
        fail()
    with pytest.raises(LookupError):
        current()


def test_two_flow_runs_in_threads_of_one_process_do_not_meet() -> None:
    meeting = threading.Barrier(2, timeout=30)
    seen: dict[str, object] = {}

    def flow_run(name: str) -> None:
        def task() -> None:
            seen[name] = current().job

        with shared(context_of(name)):
            meeting.wait()
            # As Prefect hands the flow's context to the thread of a task.
            thread = threading.Thread(target=contextvars.copy_context().run, args=(task,))
            thread.start()
            thread.join()

    threads = [threading.Thread(target=flow_run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"one": "one", "two": "two"}
