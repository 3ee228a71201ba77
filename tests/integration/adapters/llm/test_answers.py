"""What a server's answers and errors mean."""

from __future__ import annotations

import pytest

from pipeline.core.errors import PermanentError
from pipeline.core.protocols import ChatFailure
from tests.integration.adapters.llm.chat_server import Answer, completion, fault

pytestmark = pytest.mark.integration


GOOD = '{"ok": true}'


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


def test_a_server_that_counts_no_tokens(serve, open_to, ask_for) -> None:
    body = completion('{"ok": true, "more": "words and words"}')
    del body["usage"]
    server = serve(lambda seen, number: Answer(body))
    (reply,) = open_to(server).complete(ask_for(1))
    assert reply.tokens_out > 0
