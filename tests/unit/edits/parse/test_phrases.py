"""Noun phrases and subjects of the dependency tree."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.phrases import (
    chunks_by_start,
    content_noun,
    has_determiner,
    is_description,
    is_plural,
    subject_of,
)
from pipeline.edits.parse.word_tree import word_tree


@pytest.mark.parametrize(
    ("text", "noun", "content"),
    [
        ("a group of boys", "group", "boys"),
        ("a portrait of a group of boys", "portrait", "boys"),
        ("a boy in a park", "boy", "boy"),
        ("a group in a park", "group", "group"),
    ],
)
def test_a_wrapper_shows_what_it_is_of(parse, text: str, noun: str, content: str) -> None:
    words = word_tree(parse(text))
    assert content_noun(words[words.lower.index(noun)]).lower == content


def test_determiners_are_articles_possessives_and_numbers(parse) -> None:
    chunks = chunks_by_start(word_tree(parse("two dogs chase his cat near houses")))
    found = {chunk.root.lower: has_determiner(chunk) for chunk in chunks.values()}
    assert found == {"dogs": True, "cat": True, "houses": False}
    assert {chunk.root.lower for chunk in chunks.values() if is_plural(chunk.root)} == {
        "dogs", "houses",
    }  # fmt: skip


def test_a_participle_has_the_noun_that_it_modifies_as_subject(parse) -> None:
    words = word_tree(parse("a dog running on the beach"))
    subject = subject_of(words[2])
    assert subject is not None
    assert subject.lower == "dog"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a dog on the beach", True),
        ("image may contain: person, what a guitar", True),
        ("what is the dog doing?", False),
        ("", False),
    ],
)
def test_questions_and_talk_are_no_descriptions(parse, text: str, expected: bool) -> None:
    assert is_description(word_tree(parse(text))) is expected
