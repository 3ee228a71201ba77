"""Batch files: matched by id, adopted after a crash, never paid twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading

import pytest

from pipeline.adapters.llm import batch as openai_batch
from pipeline.adapters.llm.opening import open_chat
from pipeline.config.llm import LlmConfig
from pipeline.core.errors import BudgetReached, PermanentError, TransientError
from tests.integration.adapters.llm.batch_server import BatchProvider
from tests.integration.adapters.llm.chat_server import Answer, completion, fault

pytestmark = pytest.mark.integration

PRICES = {"m": (1000.0, 2000.0)}


@pytest.fixture
def open_batch(open_to, monkeypatch):
    """Open a chat in batch mode that looks at batches every 10 ms."""
    monkeypatch.setattr(openai_batch, "FIRST_POLL_S", 0.01)

    def start(server, **settings):
        return open_to(server, mode="batch", prices=PRICES, **settings)

    return start


def test_answers_are_matched_by_id(serve, open_batch, ask_for) -> None:
    provider = BatchProvider()

    def answer(line):
        user = line["body"]["messages"][1]["content"]
        return 200, completion(f'{{"ok": "{user}"}}')

    provider.answer = answer
    chat = open_batch(serve(provider))
    replies = chat.complete(ask_for(7))
    assert [reply.text for reply in replies] == [f'{{"ok": "u{i}"}}' for i in range(7)]
    assert chat.spend.total.usd == pytest.approx(7 * 0.07), "batches cost half"
    assert len(provider.batches) == 1


def test_a_rerun_sends_nothing(serve, open_batch, ask_for) -> None:
    server = serve(BatchProvider())
    open_batch(server).complete(ask_for(5))
    before = server.count()
    assert all(reply.cached for reply in open_batch(server).complete(ask_for(5)))
    assert server.count() == before


def _run_batch(url: str, folder: str, requests) -> None:
    config = LlmConfig(
        provider="openai", model="m", base_url=url, cache_dir=folder, mode="batch", max_retries=0
    )
    open_chat(config, {}).complete(requests)


@pytest.mark.parametrize("moment", ["while it waits", "before it learns the batch's name"])
def test_a_killed_run_is_resumed_without_paying_twice(
    serve, open_batch, ask_for, tmp_path, moment
) -> None:
    provider = BatchProvider()
    provider.at_once = False
    provider.hang_on_create = moment != "while it waits"
    server = serve(provider)
    requests = ask_for(6)
    child = multiprocessing.get_context("spawn").Process(
        target=_run_batch, args=(server.url, str(tmp_path / "cache"), requests)
    )
    child.start()
    assert provider.waiting.wait(60)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    provider.release.set()
    provider.hang_on_create = False
    provider.finish()
    provider.at_once = True

    # The second run asks in another grouping: more requests, in another order.
    replies = open_batch(server).complete([*ask_for(2, first=6), *reversed(requests)])
    assert len(replies) == 8
    assert provider.paid() == {f"u{i}": 1 for i in range(8)}
    assert len(provider.batches) == 2


def test_a_run_killed_before_the_batch_exists_sends_it_anew(serve, open_batch, ask_for) -> None:
    provider = BatchProvider()

    def no_batches(seen, number):
        return Answer(fault("busy"), 503) if "batches" in seen.path else provider(seen, number)

    server = serve(no_batches)
    with pytest.raises(TransientError):
        open_batch(server).complete(ask_for(3))
    assert not provider.batches
    server.script = provider
    assert len(open_batch(server).complete(ask_for(3))) == 3
    assert provider.paid() == {f"u{i}": 1 for i in range(3)}


def test_a_lost_connection_while_waiting_leaves_the_batch_to_the_next_run(
    serve, open_batch, ask_for
) -> None:
    provider = BatchProvider()
    provider.at_once = False
    server = serve(provider)

    def lost(seen, number):
        return Answer(reset=True) if seen.method == "GET" else provider(seen, number)

    server.script = lost
    with pytest.raises(TransientError):
        open_batch(server).complete(ask_for(3))
    server.script = provider
    timer = threading.Timer(0.1, provider.finish)
    timer.start()
    assert len(open_batch(server).complete(ask_for(3))) == 3
    timer.join()
    assert provider.paid() == {f"u{i}": 1 for i in range(3)}


def test_an_expired_batch_keeps_its_answers_and_sends_the_rest(serve, open_batch, ask_for) -> None:
    provider = BatchProvider()
    provider.reach, provider.end_status = 4, "expired"
    chat = open_batch(serve(provider))
    replies = chat.complete(ask_for(10))
    assert all(reply.text == '{"ok": true}' for reply in replies)
    sizes = [
        len(provider.files[batch["input_file_id"]].splitlines())
        for batch in provider.batches.values()
    ]
    assert sizes == [10, 6, 2]


def test_requests_that_no_batch_reaches_are_given_up(serve, open_batch, ask_for) -> None:
    provider = BatchProvider()
    provider.reach, provider.end_status = 0, "expired"
    (reply,) = open_batch(serve(provider)).complete(ask_for(1))
    assert reply.reason == "llm.server_error"
    assert len(provider.batches) == 3


def test_a_bad_line_is_one_item(serve, open_batch, ask_for) -> None:
    provider = BatchProvider()

    def answer(line):
        user = line["body"]["messages"][1]["content"]
        if user == "u1":
            return 400, fault("too long", code="context_length_exceeded")
        if user == "u2":
            return 200, completion(None, refusal="no")
        return 200, completion('{"ok": true}')

    provider.answer = answer
    replies = open_batch(serve(provider)).complete(ask_for(4))
    assert [getattr(r, "reason", "") for r in replies] == ["", "llm.too_long", "llm.refused", ""]


def test_a_wrong_model_is_a_permanent_error(serve, open_batch, ask_for) -> None:
    provider = BatchProvider()
    provider.answer = lambda line: (404, fault("no such model", code="model_not_found"))
    with pytest.raises(PermanentError, match=r"has no model 'm'"):
        open_batch(serve(provider)).complete(ask_for(20))


@pytest.mark.parametrize(
    ("code", "kind"),
    [("token_limit_exceeded", TransientError), ("invalid_json_line", PermanentError)],
)
def test_a_failed_batch_says_why(serve, open_batch, ask_for, code, kind) -> None:
    provider = BatchProvider()
    provider.reach, provider.end_status = 0, "failed"
    provider.errors = [{"code": code, "message": "the provider's words"}]
    with pytest.raises(kind, match="the provider's words"):
        open_batch(serve(provider)).complete(ask_for(2))


def test_a_server_without_batches_says_so(serve, open_batch, ask_for) -> None:
    server = serve(lambda seen, number: Answer(fault("what?"), 400))
    with pytest.raises(PermanentError, match=r"Batch API.*llm\.mode = online"):
        open_batch(server).complete(ask_for(1))


def test_a_budget_stop_resumes_without_paying_twice(serve, open_batch, ask_for) -> None:
    provider = BatchProvider()
    server = serve(provider)
    with pytest.raises(BudgetReached, match="higher limit"):
        open_batch(server, max_usd=1.0).complete(ask_for(40))
    first = sum(provider.paid().values())
    assert 0 < first * 0.07 <= 1.0
    assert first * 0.07 > 0.8, "close to the limit"
    open_batch(server, max_usd=100.0).complete(ask_for(40))
    assert provider.paid() == {f"u{i}": 1 for i in range(40)}


def test_a_file_holds_no_more_than_the_provider_takes(
    serve, open_batch, ask_for, monkeypatch
) -> None:
    monkeypatch.setattr(openai_batch, "MAX_REQUESTS", 4)
    provider = BatchProvider()
    assert len(open_batch(serve(provider)).complete(ask_for(10))) == 10
    assert provider.paid() == {f"u{i}": 1 for i in range(10)}
    assert len(provider.batches) == 3
