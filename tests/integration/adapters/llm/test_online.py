"""Requests one by one: order, retries, concurrency, and what stops them all."""

from __future__ import annotations

import logging

import pytest

from pipeline.adapters.llm.opening import open_chat
from pipeline.config.llm import LlmConfig
from pipeline.core.errors import PermanentError, TransientError
from pipeline.core.progress import Silent, Stopped, StopSignal
from tests.integration.adapters.llm.chat_server import Answer, completion, fault

pytestmark = pytest.mark.integration


GOOD = '{"ok": true}'


def test_answers_come_in_order_and_within_the_concurrency(serve, open_to, ask_for) -> None:
    def script(seen, number):
        late = 0.05 if seen.user.endswith("0") else 0.01
        return Answer(completion(f'{{"ok": "{seen.user}"}}'), delay_s=late)

    server = serve(script)
    replies = open_to(server, concurrency=3).complete(ask_for(12))
    assert [reply.text for reply in replies] == [f'{{"ok": "u{i}"}}' for i in range(12)]
    assert server.count() == 12
    assert server.most_under_way <= 3
    assert all((r.tokens_in, r.tokens_out, r.cached) == (100, 20, False) for r in replies)


@pytest.mark.parametrize(
    "bad",
    [
        Answer(fault("slow down"), 429),
        Answer(fault("slow down"), 429, {"retry-after": "0.1"}),
        Answer(fault("oops"), 500),
        Answer(fault("busy"), 503),
        Answer(reset=True),
        Answer(cut=True),
    ],
    ids=["429", "429-retry-after", "500", "503", "reset", "cut-body"],
)
def test_a_passing_fault_is_retried(serve, open_to, ask_for, bad) -> None:
    server = serve(lambda seen, number: bad if number == 1 else Answer())
    (reply,) = open_to(server, max_retries=1).complete(ask_for(1))
    assert reply.text == GOOD
    assert server.count() == 2


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (Answer(fault("slow down"), 429), "429"),
        (Answer(fault("busy"), 503), "503"),
        (Answer(reset=True), "cannot be reached"),
        (Answer(delay_s=0.5), "in time"),
    ],
    ids=["429", "503", "reset", "time-out"],
)
def test_a_lasting_fault_is_transient_after_the_retries(
    serve, open_to, ask_for, bad, words
) -> None:
    server = serve(lambda seen, number: bad)
    chat = open_to(server, max_retries=1, timeout_s=0.2, concurrency=1)
    with pytest.raises(TransientError, match=words):
        chat.complete(ask_for(3))
    assert server.count() == 2


def test_a_long_wait_is_left_to_the_caller(serve, open_to, ask_for) -> None:
    server = serve(lambda seen, number: Answer(fault("later"), 429, {"retry-after": "300"}))
    with pytest.raises(TransientError) as caught:
        open_to(server, max_retries=3).complete(ask_for(1))
    assert caught.value.retry_after_s == 300
    assert server.count() == 1


def test_answers_before_a_fault_are_kept(serve, open_to, ask_for) -> None:
    down = Answer(fault("busy"), 503)
    server = serve(lambda seen, number: down if seen.user == "u3" else Answer())
    with pytest.raises(TransientError):
        open_to(server, concurrency=1).complete(ask_for(6))
    assert [seen.user for seen in server.seen] == ["u0", "u1", "u2", "u3"]
    server.script = lambda seen, number: Answer()
    replies = open_to(server, concurrency=1).complete(ask_for(6))
    assert [seen.user for seen in server.seen[4:]] == ["u3", "u4", "u5"]
    assert [reply.cached for reply in replies] == [True, True, True, False, False, False]


def test_nothing_but_bad_answers_is_a_wrong_set_up(serve, open_to, ask_for) -> None:
    server = serve(lambda seen, number: Answer(b"<html>login</html>"))
    with pytest.raises(PermanentError, match=r"0 got anything.*login.*llm\.base_url"):
        open_to(server, concurrency=1).complete(ask_for(1000))
    assert server.count() == 8


def test_a_server_without_schemas_is_asked_for_plain_json(
    serve, open_to, ask_for, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = Answer(fault("response_format json_schema is not supported"), 400)

    def script(seen, number):
        strict = seen.body["response_format"]["type"] == "json_schema"
        return refusal if strict else Answer()

    server = serve(script)
    chat = open_to(server, concurrency=1)
    with caplog.at_level(logging.WARNING):
        assert [reply.text for reply in chat.complete(ask_for(4))] == [GOOD] * 4
    assert server.count() == 5
    assert '"required": ["ok"]' in server.seen[1].body["messages"][0]["content"]
    (warning,) = [r.message for r in caplog.records if "does not know answers" in r.message]
    assert "response_format json_schema is not supported" in warning


def test_who_asks_to_stop_waits_seconds_for_slow_answers(serve, ask_for, tmp_path) -> None:
    class Impatient(Silent):
        @property
        def stopping(self) -> bool:
            return server.count() >= 2

    stop = StopSignal()
    server = serve(lambda seen, number: Answer(delay_s=0.0 if number == 1 else 30.0))
    stop.watch(Impatient())
    config = LlmConfig(
        provider="openai", model="m", base_url=server.url, cache_dir=str(tmp_path), concurrency=1
    )
    chat = open_chat(config, {}, stop=stop)
    try:
        with pytest.raises(Stopped, match="same command"):
            chat.complete(ask_for(50))
        assert server.count() == 2
        assert chat.spend.total.requests == 1, "the answer that was there is kept"
    finally:
        chat.close()


def test_it_works_again_after_close_of_another(serve, open_to, ask_for) -> None:
    server = serve()
    one, two = open_to(server), open_to(server)
    one.complete(ask_for(1))
    one.close()
    one.close()
    assert two.complete(ask_for(1, first=5))[0].text == GOOD
