"""What servers and models do otherwise loses nothing good and costs no needless request.

The same answers are served as they are and with each habit; what comes of them is the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.records import CounterfactualSet
from tests.integration.adapters.llm.chat_server import Answer, ChatServer, Seen, completion, fault
from tests.integration.edits.llm.recorded_answers import answer_to, read, run_stage

pytestmark = pytest.mark.integration

ENTRIES = read("right")[:8]
WRITTEN = {one["caption"]: one for one in ENTRIES}
CAPTIONS = list(WRITTEN)

Body = dict[str, Any]


def plain(answer: Body) -> str:
    return json.dumps(answer)


def with_entries(change: Callable[[Body], Body]) -> Callable[[Body], str]:
    """Every edit of an answer changed."""

    def changed(answer: Body) -> str:
        captions = [
            entry | {"edits": [change(dict(edit)) for edit in entry["edits"]]}
            for entry in answer["captions"]
        ]
        return json.dumps({"captions": captions})

    return changed


def without(*keys: str) -> Callable[[Body], str]:
    def changed(answer: Body) -> str:
        captions = []
        for entry in answer["captions"]:
            edits = [{k: v for k, v in e.items() if k not in keys} for e in entry["edits"]]
            full = [{k: v for k, v in e.items() if k not in keys} for e in entry["complete"]]
            captions.append(entry | {"edits": edits, "complete": full})
        return json.dumps({"captions": captions})

    return changed


def each(change: Callable[[Body], Body]) -> Callable[[Body], str]:
    return lambda answer: json.dumps({"captions": [change(one) for one in answer["captions"]]})


TEXTS: dict[str, Callable[[Body], str]] = {
    "fence": lambda a: f"```json\n{plain(a)}\n```",
    "preamble": lambda a: f"Sure! Here are the edits you asked for:\n\n{plain(a)}",
    "words behind": lambda a: f"{plain(a)}\n\nI hope this helps. Let me know {{if}} not.",
    "thinking": lambda a: f"<think>The caption {{is}} hard, maybe [..]</think>\n{plain(a)}",
    "byte-order mark": lambda a: "\ufeff" + plain(a),
    "trailing comma": lambda a: plain(a)[:-2] + ",]}",
    "python quotes": lambda a: str(a),
    "JSON in a string": lambda a: json.dumps(plain(a)),
    "bare list": lambda a: json.dumps(a["captions"]),
    "an object around it": lambda a: json.dumps({"result": a, "status": "ok"}),
    "a draft before it": lambda a: '{"captions": []}\n' + plain(a),
    "extra keys": each(lambda one: one | {"note": "none", "confidence": 0.9}),
    "missing keys": without("repairs", "contradicts"),
    "ids as texts": each(lambda one: one | {"id": str(one["id"])}),
    "another order": lambda a: json.dumps({"captions": a["captions"][::-1]}),
    "kinds in capitals": with_entries(lambda e: e | {"kind": e["kind"].upper()}),
    "quotes and stops": with_entries(
        lambda e: e if e["kind"] in {"swap", "negation"} else e | {"new": f'"{e["new"]}."'}
    ),
    "line breaks": lambda a: json.dumps(a, indent=4),
}
"""Habit → how an answer is written."""


def serve(script: Callable[[Seen, int], Answer]) -> ChatServer:
    return ChatServer(script)


def outcome(server: ChatServer, cache: Path, **llm: object) -> list[tuple[str, ...]]:
    """Every caption that came of it; and no text of a habit in any of them."""
    try:
        results = run_stage(server, CAPTIONS, cache, llm=llm)
    finally:
        server.close()
    made = []
    for result in results:
        assert isinstance(result, CounterfactualSet)
        texts = tuple(result.captions().values())
        assert not any('"' in text or "`" in text or ". ." in text for text in texts)
        made.append(texts)
    return made


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, ...]]:
    def script(seen: Seen, number: int) -> Answer:
        return Answer(completion(plain(answer_to(seen, WRITTEN))))

    server = serve(script)
    made = outcome(server, tmp_path_factory.mktemp("plain"))
    assert server.count() == 2
    return made


@pytest.mark.parametrize("habit", sorted(TEXTS))
def test_what_a_model_writes_around_its_answer(habit: str, undisturbed, tmp_path: Path) -> None:
    def script(seen: Seen, number: int) -> Answer:
        return Answer(completion(TEXTS[habit](answer_to(seen, WRITTEN))))

    server = serve(script)
    assert outcome(server, tmp_path) == undisturbed
    assert server.count() == 2, "nothing is asked again"


def in_parts(text: str) -> Body:
    body = completion(None)
    body["choices"][0]["message"]["content"] = [{"type": "text", "text": text}]
    return body


def reasoned(text: str) -> Body:
    body = completion(None)
    body["choices"][0]["message"]["reasoning_content"] = f"Let me see.\n{text}"
    return body


@pytest.mark.parametrize(
    "bodied",
    [in_parts, reasoned, lambda text: completion(text, finish="length")],
    ids=["parts", "reasoning_content", "finish_reason length"],
)
def test_where_a_server_puts_the_answer(bodied, undisturbed, tmp_path: Path) -> None:
    server = serve(lambda seen, n: Answer(bodied(plain(answer_to(seen, WRITTEN)))))
    assert outcome(server, tmp_path) == undisturbed
    assert server.count() == 2


REFUSALS: dict[str, tuple[int, Any, int]] = {
    "OpenAI": (400, fault("Invalid parameter: 'response_format' of type 'json_schema' is not "
                          "supported with this model."), 1),
    "TGI": (422, {"error": "Input validation error: grammar is not supported",
                  "error_type": "validation"}, 1),
    "FastAPI": (422, {"detail": [{"loc": ["body", "response_format"], "msg": "extra fields not "
                                  "permitted", "type": "value_error.extra"}]}, 2),
    "vLLM": (400, {"object": "error", "message": "guided decoding with json_schema failed"}, 1),
    "plain text": (400, b"unknown field response_format", 2),
}  # fmt: skip
"""Server → status, body, and how many forms it refuses."""


@pytest.mark.parametrize("kind", sorted(REFUSALS))
def test_a_server_that_knows_no_schema(kind: str, undisturbed, tmp_path: Path) -> None:
    status, body, forms = REFUSALS[kind]
    refused = {"json_schema", "json_object"} if forms == 2 else {"json_schema"}

    def script(seen: Seen, number: int) -> Answer:
        if seen.body.get("response_format", {}).get("type") in refused:
            return Answer(body, status)
        assert "JSON schema" in seen.body["messages"][0]["content"]
        return Answer(completion(plain(answer_to(seen, WRITTEN))))

    server = serve(script)
    assert outcome(server, tmp_path, concurrency=1) == undisturbed
    assert server.count() == 2 + forms, "each refusal is met once"


def test_a_server_that_calls_the_longest_answer_otherwise(undisturbed, tmp_path: Path) -> None:
    def script(seen: Seen, number: int) -> Answer:
        if "max_tokens" in seen.body:
            words = (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                "'max_completion_tokens' instead."
            )
            return Answer(fault(words, param="max_tokens", code="unsupported_parameter"), 400)
        assert seen.body["max_completion_tokens"] == 777
        return Answer(completion(plain(answer_to(seen, WRITTEN))))

    server = serve(script)
    assert outcome(server, tmp_path, concurrency=1, max_answer_tokens=777) == undisturbed
    assert server.count() == 3


def test_a_caption_that_is_left_out_is_asked_alone(undisturbed, tmp_path: Path) -> None:
    def script(seen: Seen, number: int) -> Answer:
        answer = answer_to(seen, WRITTEN)
        if len(answer["captions"]) > 1:
            answer["captions"] = answer["captions"][:-1]
        return Answer(completion(plain(answer)))

    server = serve(script)
    assert outcome(server, tmp_path) == undisturbed
    assert server.count() == 4


@pytest.mark.parametrize(
    "bad",
    [completion('{"captions": [{"id": 1, "edits": [{"ki', finish="length"), completion("No."),
     completion(None, refusal="I cannot help with that."), completion("")],
    ids=["cut", "no JSON", "refusal", "empty"],
)  # fmt: skip
def test_a_useless_answer_for_several_is_asked_for_each(bad, undisturbed, tmp_path: Path) -> None:
    def script(seen: Seen, number: int) -> Answer:
        answer = answer_to(seen, WRITTEN)
        good = len(answer["captions"]) == 1 or number > 1
        return Answer(completion(plain(answer)) if good else bad)

    server = serve(script)
    assert outcome(server, tmp_path, concurrency=1) == undisturbed
    assert server.count() == 2 + 4


def test_words_that_do_not_stand_in_the_caption_are_mended_once(
    undisturbed, tmp_path: Path
) -> None:
    def script(seen: Seen, number: int) -> Answer:
        answer = answer_to(seen, WRITTEN)
        if "unusable_answer" not in seen.user and number == 1:
            answer["captions"][0]["edits"][1]["old"] = "spaceship"
        return Answer(completion(plain(answer)))

    server = serve(script)
    made = outcome(server, tmp_path, concurrency=1)
    assert made[1:] == undisturbed[1:]
    assert "young woman dancing on the beach" in made[0]
    assert len(made[0]) == len(undisturbed[0])
    assert server.count() == 3


def test_an_answer_that_drips_is_given_up_and_asked_again(undisturbed, tmp_path: Path) -> None:
    def script(seen: Seen, number: int) -> Answer:
        answer = Answer(completion(plain(answer_to(seen, WRITTEN))))
        if number == 1:
            answer.drip_s = 0.05
        return answer

    server = serve(script)
    assert outcome(server, tmp_path, concurrency=1, timeout_s=1.0) == undisturbed
    assert server.count() == 3
