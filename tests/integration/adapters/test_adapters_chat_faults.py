"""What a server can do wrong, done by a real server."""

from __future__ import annotations

import asyncio
import logging

import pytest

from pipeline.adapters.llm.opening import open_chat
from pipeline.config.llm import LlmConfig
from pipeline.core.errors import ConfigError, PermanentError, TransientError
from pipeline.core.protocols import ChatFailure, ChatReply
from tests.integration.adapters.chat_server import Answer, completion, fault

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


def test_a_request_says_what_was_asked(serve, open_to, ask_for) -> None:
    server = serve()
    chat = open_to(server, {"OPENAI_API_KEY": "sk-test"}, temperature=0.5)
    chat.complete(ask_for(1))
    (seen,) = server.seen
    assert seen.path == "/v1/chat/completions"
    assert seen.headers["authorization"] == "Bearer sk-test"
    assert seen.body["model"] == "m"
    assert seen.body["temperature"] == 0.5
    assert seen.body["max_tokens"] == 50
    schema = seen.body["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert schema["name"] == "ok"
    assert schema["schema"]["required"] == ["ok"]


def test_a_server_of_ones_own_needs_no_key(serve, open_to, ask_for) -> None:
    server = serve()
    open_to(server).complete(ask_for(1))
    assert server.seen[0].headers["authorization"] == "Bearer none"


def test_no_key_for_the_default_server_stops_before_any_work(tmp_path) -> None:
    config = LlmConfig(provider="openai", cache_dir=str(tmp_path / "cache"))
    with pytest.raises(ConfigError, match="OPENAI_API_KEY is not set"):
        open_chat(config, {"OPENAI_API_KEY": " "})
    assert not (tmp_path / "cache").exists()


def test_it_can_be_asked_inside_a_running_loop(serve, open_to, ask_for) -> None:
    chat = open_to(serve())

    async def task() -> object:
        return chat.complete(ask_for(2))

    assert [reply.text for reply in asyncio.run(task())] == [GOOD, GOOD]


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


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, "invalid_api_key", "Set OPENAI_API_KEY"),
        (403, None, "Use another llm.model"),
        (404, "model_not_found", "Check llm.model"),
        (429, "insufficient_quota", "Add credit"),
    ],
)
def test_a_hopeless_fault_stops_at_once(serve, open_to, ask_for, status, code, words) -> None:
    server = serve(lambda seen, number: Answer(fault("no", code=code), status))
    with pytest.raises(PermanentError, match=words):
        open_to(server, max_retries=5, concurrency=4).complete(ask_for(1000))
    assert server.count() <= 4


def test_a_parameter_that_the_model_refuses_is_hopeless(serve, open_to, ask_for) -> None:
    body = fault("only 1 is supported", code="unsupported_value", param="temperature")
    server = serve(lambda seen, number: Answer(body, 400))
    with pytest.raises(PermanentError, match=r"llm\.temperature"):
        open_to(server, concurrency=1).complete(ask_for(50))
    assert server.count() == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (completion(None, refusal="I cannot"), "llm.refused"),
        (completion(""), "llm.empty"),
        (completion(None), "llm.empty"),
        (completion('{"ok": tr', finish="length"), "llm.truncated"),
        (completion("", finish="content_filter"), "llm.content_filter"),
        ({"choices": []}, "llm.bad_response"),
        (b"<html>gateway</html>", "llm.bad_response"),
    ],
)
def test_one_bad_answer_is_one_item(serve, open_to, ask_for, body, reason) -> None:
    server = serve(lambda seen, number: Answer(body) if seen.user == "u1" else Answer())
    chat = open_to(server)
    first, second, third = chat.complete(ask_for(3))
    assert isinstance(second, ChatFailure)
    assert second.reason == reason
    assert first.text == third.text == GOOD
    chat.complete(ask_for(3))
    assert server.count() == 4, "a failure is not cached, good answers are"


def test_too_long_a_prompt_is_one_item(serve, open_to, ask_for) -> None:
    long = Answer(fault("too long", code="context_length_exceeded"), 400)
    server = serve(lambda seen, number: long if seen.user == "u0" else Answer())
    first, second = open_to(server).complete(ask_for(2))
    assert first.reason == "llm.too_long"
    assert second.text == GOOD


@pytest.mark.parametrize("text", ['{"ok": tr', '{"other": 1}', "[1]", "plain words"])
def test_truncated_or_foreign_json_is_passed_on_but_not_kept(serve, open_to, ask_for, text) -> None:
    server = serve(lambda seen, number: Answer(completion(text)))
    chat = open_to(server)
    for _ in range(2):
        (reply,) = chat.complete(ask_for(1))
        assert isinstance(reply, ChatReply)
        assert (reply.text, reply.cached) == (text, False)
    assert server.count() == 2


def test_nothing_but_bad_answers_is_a_wrong_set_up(serve, open_to, ask_for) -> None:
    server = serve(lambda seen, number: Answer(b"<html>login</html>"))
    with pytest.raises(PermanentError, match=r"all unusable.*login.*llm\.base_url"):
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
    assert [record.message for record in caplog.records if "JSON schemas" in record.message] == [
        caplog.records[0].message
    ]


def test_a_server_that_counts_no_tokens(serve, open_to, ask_for) -> None:
    body = completion('{"ok": true, "more": "words and words"}')
    del body["usage"]
    server = serve(lambda seen, number: Answer(body))
    (reply,) = open_to(server).complete(ask_for(1))
    assert reply.tokens_out > 0


def test_the_key_is_in_no_message_and_no_file(serve, open_to, ask_for, tmp_path) -> None:
    server = serve(lambda seen, number: Answer(fault("no"), 401))
    chat = open_to(server, {"OPENAI_API_KEY": "sk-secret"})
    with pytest.raises(PermanentError) as caught:
        chat.complete(ask_for(1))
    assert "sk-secret" not in str(caught.value)
    assert "sk-secret" not in repr(chat._backend._endpoint)
    server.script = lambda seen, number: Answer()
    chat.complete(ask_for(1))
    for path in (tmp_path / "cache").iterdir():
        assert b"sk-secret" not in path.read_bytes()


def test_it_works_again_after_close_of_another(serve, open_to, ask_for) -> None:
    server = serve()
    one, two = open_to(server), open_to(server)
    one.complete(ask_for(1))
    one.close()
    one.close()
    assert two.complete(ask_for(1, first=5))[0].text == GOOD
