"""The columns of a parsed caption, and what is asked of them."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.parsed_caption import parsed_caption


def test_a_caption_is_parsed_once_and_knows_its_nouns(parse) -> None:
    doc = parse("Two dogs sit on a bench")
    parsed = parsed_caption(doc)
    assert parsed_caption(doc) is parsed
    assert len(parsed) == 6
    assert [m.noun.lemma for m in parsed.mentions.values()] == ["bench", "dog"]
    assert parsed.mentions[1].plural
    assert {"dogs", "dog"} <= parsed.words
    assert parsed.verb_lemma(2) == "sit"


@pytest.mark.parametrize(
    ("text", "verb", "subject"),
    [
        ("a dog runs on the beach", "runs", "dog"),
        ("a dog running on the beach", "running", "dog"),
        ("a child who plays in the sand", "plays", "child"),
        ("a man sits and reads", "reads", "man"),
    ],
)
def test_the_subject_of_a_verb_is_found_through_clauses(parse, text, verb, subject) -> None:
    parsed = parsed_caption(parse(text))
    found = parsed.subject_of(parsed.lower.index(verb))
    assert found is not None
    assert parsed.lower[found] == subject


def test_joined_phrases_have_the_governor_and_the_role_of_the_first(parse) -> None:
    parsed = parsed_caption(parse("dogs and cats are running on the beach"))
    cats = parsed.lower.index("cats")
    assert parsed.deps[cats] == "conj"
    assert parsed.lower[parsed.governor(cats)] == "running"
    assert parsed.role(cats) == "nsubj"


@pytest.mark.parametrize(
    ("text", "noun", "expected"),
    [
        ("a room with no bed", "bed", True),
        ("running like a dog", "dog", True),
        ("a man without a hat", "hat", True),
        ("a room with a bed", "bed", False),
    ],
)
def test_a_noun_that_refers_to_nothing_is_known(parse, text, noun, expected) -> None:
    parsed = parsed_caption(parse(text))
    assert parsed.is_nonreferential(parsed.lower.index(noun), frozenset()) is expected
