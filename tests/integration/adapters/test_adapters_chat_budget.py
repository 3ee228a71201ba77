"""A budget is never exceeded, everything paid is kept, and a rerun pays for nothing twice."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections import Counter

import pytest

from pipeline.adapters.llm.opening import open_chat
from pipeline.config.llm import LlmConfig
from pipeline.core.errors import BudgetReached, ConfigError
from tests.integration.adapters.chat_server import Answer, completion, fault

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


def test_a_budget_is_shared_out_to_processes(serve, open_to, ask_for) -> None:
    server = serve()
    chat = open_to(server, max_usd=4.0, prices=PRICES, share=4)
    with pytest.raises(BudgetReached):
        chat.complete(ask_for(40))
    assert chat.spend.total.usd <= 1.0


def test_an_unknown_price_with_a_limit_stops_before_any_work(serve, open_to) -> None:
    server = serve()
    with pytest.raises(ConfigError, match=r"price of model 'm' is unknown.*llm\.prices"):
        open_to(server, max_usd=1.0)
    assert server.count() == 0


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


def _ask_in_child(url: str, folder: str, first: int, requests) -> None:
    config = LlmConfig(provider="openai", model="m", base_url=url, cache_dir=folder)
    chat = open_chat(config, {})
    chat.complete(requests[first:] + requests[:first])
    chat.close()


def test_several_processes_share_one_cache(serve, open_to, ask_for, tmp_path) -> None:
    server = serve()
    requests = ask_for(60)
    context = multiprocessing.get_context("spawn")
    children = [
        context.Process(
            target=_ask_in_child, args=(server.url, str(tmp_path / "cache"), first, requests)
        )
        for first in (0, 30)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
    assert [child.exitcode for child in children] == [0, 0]
    before = server.count()
    assert all(reply.cached for reply in open_to(server).complete(requests))
    assert server.count() == before


def test_a_damaged_cache_is_refused_before_anything_is_paid(serve, open_to, tmp_path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "responses.sqlite3").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(ConfigError, match=r"responses\.sqlite3 cannot be used.*\.recover"):
        open_to(serve())


def test_a_cache_that_fails_later_loses_no_paid_answer(
    serve, open_to, ask_for, tmp_path, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve()
    chat = open_to(server)
    other = sqlite3.connect(tmp_path / "cache" / "responses.sqlite3")
    other.execute("DROP TABLE replies")
    other.commit()
    other.close()
    assert len(chat.complete(ask_for(5))) == 5
    assert server.count() == 5
    failures = [r.message for r in caplog.records if "response cache" in r.message]
    assert len(failures) == 1, "said once, not for every answer"
    assert "not saved" in failures[0].replace("\n", " ")


def test_a_cache_of_another_layout_is_refused(serve, open_to, ask_for, tmp_path) -> None:
    chat = open_to(serve())
    chat.close()
    other = sqlite3.connect(tmp_path / "cache" / "responses.sqlite3")
    other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(ConfigError, match=r"layout 99.*llm\.cache_dir"):
        open_to(serve())


def test_no_credit_midway_keeps_what_was_paid(serve, open_to, ask_for) -> None:
    empty = Answer(fault("no credit", code="insufficient_quota"), 429)
    server = serve(lambda seen, number: empty if number > 5 else Answer())
    with pytest.raises(Exception, match="no credit"):
        open_to(server, concurrency=1).complete(ask_for(20))
    assert server.count() == 6
    server.script = lambda seen, number: Answer()
    open_to(server, concurrency=1).complete(ask_for(20))
    assert server.count() == 21
