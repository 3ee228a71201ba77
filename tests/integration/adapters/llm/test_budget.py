"""A limit is never exceeded, and what was paid is kept."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.core.errors import BudgetReached
from tests.integration.adapters.llm.chat_server import Answer, completion, fault

pytestmark = pytest.mark.integration


PRICES = {"m": (1000.0, 2000.0)}
"""USD for a million tokens: a request of 100 + 20 tokens costs 0.14 USD."""


COST_USD = 0.14


def slow(seen, number) -> Answer:
    return Answer(delay_s=0.02)


@pytest.mark.parametrize("concurrency", [1, 8])
def test_a_budget_stop_resumes_without_a_second_request(
    serve, open_to, ask_for, concurrency
) -> None:
    server = serve(slow)
    requests = ask_for(40)
    tight = open_to(server, max_usd=2.0, prices=PRICES, concurrency=concurrency)
    with pytest.raises(BudgetReached, match=r"of 2 USD.*responses\.sqlite3.*higher limit"):
        tight.complete(requests)
    spent = tight.spend.total
    assert spent.usd <= 2.0
    assert spent.usd == pytest.approx(COST_USD * server.count())
    assert 10 <= server.count() < 15, "close to the limit, as 14 requests cost 1.96"

    rich = open_to(server, max_usd=100.0, prices=PRICES, concurrency=concurrency)
    replies = rich.complete(requests)
    assert len(replies) == 40
    assert server.count() == 40
    assert max(Counter(seen.user for seen in server.seen).values()) == 1
    assert rich.spend.total.cached == spent.requests


def test_tokens_are_a_limit_too(serve, open_to, ask_for) -> None:
    server = serve(slow)
    chat = open_to(server, max_tokens=1000, concurrency=4)
    with pytest.raises(BudgetReached, match="of 1000 tokens"):
        chat.complete(ask_for(40))
    assert chat.spend.total.tokens <= 1000
    assert chat.spend.total.tokens == 120 * server.count()
    assert server.count() >= 6


def test_failures_are_paid_and_booked(serve, open_to, ask_for) -> None:
    server = serve(lambda seen, number: Answer(completion("", finish="length")))
    chat = open_to(server, prices=PRICES)
    chat.complete(ask_for(3))
    total = chat.spend.total
    assert (total.requests, total.failures, total.tokens_in, total.tokens_out) == (3, 3, 300, 60)


def test_the_ledger_tells_stages_and_prompts_apart(serve, open_to, ask_for) -> None:
    chat = open_to(serve(), prices=PRICES)
    chat.complete(ask_for(2) + ask_for(1, prompt_version="full.v1"))
    chat.complete(ask_for(2))
    booked = chat.spend.by_prompt()
    assert list(booked) == [("edits", "full.v1"), ("edits", "test.v1")]
    assert booked["edits", "test.v1"].requests == 2
    assert booked["edits", "test.v1"].cached == 2
    assert booked["edits", "full.v1"].usd == pytest.approx(COST_USD)


def test_no_credit_midway_keeps_what_was_paid(serve, open_to, ask_for) -> None:
    empty = Answer(fault("no credit", code="insufficient_quota"), 429)
    server = serve(lambda seen, number: empty if number > 5 else Answer())
    with pytest.raises(Exception, match="no credit"):
        open_to(server, concurrency=1).complete(ask_for(20))
    assert server.count() == 6
    server.script = lambda seen, number: Answer()
    open_to(server, concurrency=1).complete(ask_for(20))
    assert server.count() == 21
