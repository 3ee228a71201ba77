"""Spans and sentences that the finders of causes are made of."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.word_tree import word_tree
from pipeline.edits.rules.causal.constructions import (
    is_sentence,
    mention_of,
    object_of_preposition,
    trimmed_span,
)


def test_a_span_loses_punctuation_hedges_and_openers_at_its_ends(parse) -> None:
    words = word_tree(parse("while the street is wet, mostly"))
    assert trimmed_span(words) == (1, 5)
    assert trimmed_span(words[5:]) is None


@pytest.mark.parametrize(
    ("text", "verb", "expected"),
    [
        ("the dog runs on the beach", "runs", True),
        ("a dog running on the beach", "running", False),
        ("the road was closed", "was", True),
    ],
)
def test_a_sentence_has_a_subject_and_a_finite_verb(parse, text, verb, expected) -> None:
    words = word_tree(parse(text))
    assert is_sentence(words[words.lower.index(verb)]) is expected


def test_the_object_of_a_preposition_of_two_words_is_found(parse) -> None:
    words = word_tree(parse("the museum is closed due to snow"))
    due = words.lower.index("due")
    found = object_of_preposition(words[due + 1], words[due])
    assert found is not None
    assert found.lower == "snow"


def test_there_is_no_mention_without_both_sides() -> None:
    assert mention_of("because", "effect_first", (2, 3), None, (0, 2)) is None
    mention = mention_of("because", "effect_first", (2, 3), (3, 5), (0, 2))
    assert mention is not None
    assert (mention.cause, mention.effect) == ((3, 5), (0, 2))
