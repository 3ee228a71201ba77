"""Coroutines of synchronous callers, wherever they run."""

from __future__ import annotations

import asyncio

import pytest

pytestmark = pytest.mark.integration


GOOD = '{"ok": true}'


def test_it_can_be_asked_inside_a_running_loop(serve, open_to, ask_for) -> None:
    chat = open_to(serve())

    async def task() -> object:
        return chat.complete(ask_for(2))

    assert [reply.text for reply in asyncio.run(task())] == [GOOD, GOOD]
