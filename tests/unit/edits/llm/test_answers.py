"""What a language model answers is measured and checked before it is used."""

from __future__ import annotations

import pytest

from pipeline.core.records import EditKind
from pipeline.edits.llm.answers import (
    MAX_ANSWER_CHARS,
    AnswerError,
    EditsAnswer,
    clean_full,
    clean_phrase,
    edits_schema,
    parse_answer,
    parse_choices,
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "not one complete JSON object"),
        (" " * (MAX_ANSWER_CHARS + 1), "longer than"),
        ('{"edits": [{"kind": "object", "old": null, "new": "x"}]}', "of the asked schema"),
    ],
)
def test_an_answer_of_another_shape_says_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(AnswerError, match=problem) as caught:
        parse_answer(text, EditsAnswer)
    assert caught.value.reason == "llm.bad_answer"


def test_an_answer_of_the_asked_shape_is_read() -> None:
    answer = parse_answer('{"edits": [{"kind": "object", "old": "a", "new": "b"}]}', EditsAnswer)
    assert [(entry.kind, entry.old, entry.new) for entry in answer.edits] == [("object", "a", "b")]
    options = {"object": ["a to b", "a to c"]}
    assert parse_choices('{"object": "a to c"}', options) == {"object": "a to c"}


def test_a_schema_allows_the_asked_kinds_and_no_other_keys() -> None:
    schema = edits_schema([EditKind.OBJECT])
    entry = schema["properties"]["edits"]["items"]
    assert entry["properties"]["kind"]["enum"] == ["object"]
    assert entry["required"] == ["kind", "old", "new"]
    assert entry["additionalProperties"] is False


def test_a_letter_with_an_accent_is_plain() -> None:
    assert clean_phrase(" cafe\u0301 ") == "café"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("too short", "llm.length"),
        ("word " * 61, "llm.length"),
        ("A dog sits on the green grass in a park.", "llm.no_change"),
        ("a dog sits on the green grass\nin a park", "llm.unclean_text"),
        ("**a dog** sits on the green grass in a park", "llm.unclean_text"),
    ],
)
def test_a_full_caption_is_checked(text: str, reason: str) -> None:
    with pytest.raises(AnswerError) as caught:
        clean_full(text.strip(), "a dog sits on the green grass in a park")
    assert caught.value.reason == reason
