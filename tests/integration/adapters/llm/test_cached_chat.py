"""Answers are asked, paid and booked once."""

from __future__ import annotations

import pytest

from pipeline.core.protocols import ChatReply
from tests.integration.adapters.llm.chat_server import Answer, completion

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("text", ['{"ok": tr', '{"other": 1}', "[1]", "plain words"])
def test_truncated_or_foreign_json_is_passed_on_but_not_kept(serve, open_to, ask_for, text) -> None:
    server = serve(lambda seen, number: Answer(completion(text)))
    chat = open_to(server)
    for _ in range(2):
        (reply,) = chat.complete(ask_for(1))
        assert isinstance(reply, ChatReply)
        assert (reply.text, reply.cached) == (text, False)
    assert server.count() == 2


def test_equal_requests_are_paid_once(serve, open_to, ask_for) -> None:
    server = serve()
    chat = open_to(server)
    replies = chat.complete(ask_for(1) * 5)
    assert server.count() == 1
    assert [reply.cached for reply in replies] == [False, True, True, True, True]
    assert chat.spend.total.tokens == 120


@pytest.mark.parametrize(
    "change",
    [
        {"prompt_version": "test.v2"},
        {"system": "Other."},
        {"max_tokens": 51},
        {"schema_name": "other"},
        {"schema": {"type": "object", "required": []}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_request_never_meets_the_old_answer(serve, open_to, ask_for, change) -> None:
    server = serve()
    chat = open_to(server)
    chat.complete(ask_for(1))
    (reply,) = chat.complete(ask_for(1, **change))
    assert not reply.cached
    assert server.count() == 2


def test_another_model_or_temperature_never_meets_the_old_answer(serve, open_to, ask_for) -> None:
    server = serve()
    for settings in ({}, {"model": "n"}, {"temperature": 0.1}):
        assert not open_to(server, **settings).complete(ask_for(1))[0].cached
    assert open_to(server, concurrency=1, timeout_s=5).complete(ask_for(1))[0].cached
    assert server.count() == 3
