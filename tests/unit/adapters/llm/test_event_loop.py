"""The loop in a thread outlives interrupts and forks."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading

import pytest

from pipeline.adapters.llm.event_loop import LoopThread


async def where() -> tuple[int, int]:
    await asyncio.sleep(0)
    return os.getpid(), threading.get_ident()


def test_all_callers_share_one_loop_in_another_thread() -> None:
    loop = LoopThread()
    try:
        first, second = loop.run(where()), loop.run(where())
        assert first == second
        assert first[0] == os.getpid() == loop.pid
        assert first[1] != threading.get_ident()
    finally:
        loop.close()


def test_an_error_of_the_coroutine_reaches_the_caller() -> None:
    async def fail() -> None:
        raise ValueError("inside")

    loop = LoopThread()
    with pytest.raises(ValueError, match="inside"):
        loop.run(fail())
    loop.close()


def test_an_interrupt_cancels_the_coroutine() -> None:
    started, cancelled = threading.Event(), threading.Event()
    main_thread = threading.get_ident()

    async def wait() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    def interrupt() -> None:
        started.wait(60)
        signal.pthread_kill(main_thread, signal.SIGINT)

    loop = LoopThread()
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        loop.run(wait())
    thread.join()
    assert cancelled.wait(60)
    loop.close()


def test_it_opens_again_after_close_and_closes_twice() -> None:
    loop = LoopThread()
    loop.run(where())
    loop.close()
    loop.close()
    assert loop.run(where())[0] == os.getpid()
    loop.close()


def in_child(loop: LoopThread, answers: multiprocessing.SimpleQueue[bool]) -> None:
    answers.put(loop.run(where())[0] == os.getpid() == loop.pid)
    loop.close()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_has_a_loop_of_its_own() -> None:
    loop = LoopThread()
    parent = loop.run(where())
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.SimpleQueue[bool] = context.SimpleQueue()
    child = context.Process(target=in_child, args=(loop, answers))
    child.start()
    child.join(300)
    assert child.exitcode == 0
    assert answers.get()
    assert loop.run(where()) == parent
    loop.close()
