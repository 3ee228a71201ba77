"""What a language model answers is measured and checked before it is used."""

from __future__ import annotations

import pytest

from pipeline.core.records import EditKind
from pipeline.edits.llm.answers import (
    MAX_ANSWER_CHARS,
    AnswerError,
    captions_schema,
    clean_full,
    clean_phrase,
    parse_answer,
    parse_choices,
)

SCHEMA = captions_schema([EditKind.OBJECT], edits=True, complete=True, causal=True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "not one complete JSON object"),
        (" " * (MAX_ANSWER_CHARS + 1), "longer than"),
        ('{"captions": [{"id": 1, "edits": [{"kind": "object", "old": null}]}]}', "asked schema"),
    ],
)
def test_an_answer_of_another_shape_says_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(AnswerError, match=problem) as caught:
        parse_answer(text, SCHEMA)
    assert caught.value.reason == "llm.bad_answer"


EDIT = '{"kind": "object", "old": "a", "new": "b"}'


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (f'{{"captions": [{{"id": 3, "edits": [{EDIT}]}}]}}', 3),
        (f'{{"captions": [{{"id": "3", "edits": [{EDIT}], "note": 1}}]}}', 3),
        (f'{{"captions": {{"id": 3, "edits": [{EDIT}]}}}}', 3),
        (f'[{{"id": 3, "edits": [{EDIT}]}}]', 3),
        (f'{{"edits": [{EDIT}]}}', None),
        (f"[{EDIT}]", None),
        (f"{EDIT}", None),
    ],
)
def test_an_answer_is_read_with_and_without_what_is_around_it(text: str, number) -> None:
    (caption,) = parse_answer(text, SCHEMA).captions
    assert caption.id == number
    (entry,) = caption.edits
    assert (entry.kind, entry.old, entry.new, entry.repairs) == ("object", "a", "b", [])


def test_a_choice_is_one_of_the_options() -> None:
    options = {"object": ["a to b", "a to c"]}
    assert parse_choices('{"object": "a to c"}', options) == {"object": "a to c"}


def test_a_schema_allows_the_asked_kinds_and_parts_and_no_other_keys() -> None:
    entry = SCHEMA["properties"]["captions"]["items"]
    assert entry["required"] == ["id", "edits", "complete", "causal"]
    edit = entry["properties"]["edits"]["items"]
    assert edit["properties"]["kind"]["enum"] == ["object"]
    assert edit["required"] == ["kind", "old", "new", "repairs"]
    assert edit["additionalProperties"] is False
    less = captions_schema([EditKind.OBJECT], edits=True, complete=False, causal=False)
    assert less["properties"]["captions"]["items"]["required"] == ["id", "edits"]


def test_a_letter_with_an_accent_is_plain() -> None:
    assert clean_phrase(" cafe\u0301 ") == "café"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("too short", "llm.length"),
        ("a cat is lying there", "llm.length"),
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
