"""What a server's answers and errors mean."""

from __future__ import annotations

import pytest

from pipeline.core.errors import PermanentError
from pipeline.core.json_answers import find_answer
from pipeline.core.protocols import ChatFailure
from tests.integration.adapters.llm.chat_fixtures import SCHEMA
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


def in_parts(*texts: str):
    body = completion(None)
    body["choices"][0]["message"]["content"] = [{"type": "text", "text": text} for text in texts]
    return body


def reasoned(name: str, text: str):
    body = completion(None)
    body["choices"][0]["message"][name] = text
    return body


@pytest.mark.parametrize(
    "body",
    [
        completion(f"```json\n{GOOD}\n```"),
        completion(f"<think>Is it?</think>{GOOD}"),
        completion(f"Here you are: {GOOD} Anything else?"),
        completion(f"\ufeff{GOOD}"),
        completion('{"ok": true, "why": "so",}'),
        completion(GOOD, finish="length"),
        in_parts('{"ok":', " true}"),
        reasoned("reasoning_content", f"I think that it is {GOOD}"),
        reasoned("reasoning", GOOD),
    ],
)
def test_an_answer_in_other_clothes_is_an_answer_and_kept(serve, open_to, ask_for, body) -> None:
    server = serve(lambda seen, number: Answer(body))
    chat = open_to(server)
    for cached in (False, True):
        (reply,) = chat.complete(ask_for(1))
        assert find_answer(reply.text, SCHEMA) == {"ok": True}
        assert reply.cached is cached
    assert server.count() == 1
    assert chat.spend.total.failures == 0


@pytest.mark.parametrize(
    "body", [completion("I cannot."), completion('{"no": 1}'), reasoned("reasoning", "Hm.")]
)
def test_a_useless_answer_counts_as_failed_and_is_asked_again(
    serve, open_to, ask_for, body
) -> None:
    server = serve(lambda seen, number: Answer(body))
    chat = open_to(server)
    for asked in (1, 2):
        chat.complete(ask_for(1))
        assert server.count() == chat.spend.total.failures == asked
