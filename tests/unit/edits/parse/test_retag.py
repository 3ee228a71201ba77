"""Corrections of the tagger."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.rules.object.rule import ObjectRule


@pytest.mark.parametrize(
    ("text", "word", "tag"),
    [
        ("bridge disappearing into the fog", "bridge", "NN"),
        ("cowboy talking on a cell phone at person in a city", "cowboy", "NN"),
        ("giant christmas tree in the town square", "christmas", "NN"),
        ("woman's feet on the white sand beach in shallow water", "sand", "NN"),
    ],
)
def test_everyday_words_are_no_names(parse, text: str, word: str, tag: str) -> None:
    parsed = parsed_caption(parse(text))
    token = parsed.lower.index(word)
    assert (parsed.tags[token], parsed.pos[token]) == (tag, "NOUN")
    assert token not in parsed.protected


def test_a_word_beside_a_name_stays_part_of_it(parse) -> None:
    parsed = parsed_caption(parse("koa kea hotel & resort: view from pool."))
    assert parsed.lower.index("kea") in parsed.protected


def test_a_subject_is_no_compound_of_its_verb(rewrite) -> None:
    horse = rewrite(ObjectRule(), "horse grazing in a field")
    assert "cow grazing in a field" in horse
    biking = rewrite(ObjectRule(), "mountain biking on a trail")
    assert biking == []


@pytest.mark.parametrize(
    "text",
    [
        "A zebra standing on top of a grass covered field.",
        "A zebra standing on a grass covered field.",
        "a horse standing on a field",
    ],
)
def test_who_does_something_is_no_part_of_it(parse, text: str) -> None:
    parsed = parsed_caption(parse(text))
    assert (parsed.tags[2], parsed.deps[2], parsed.heads[2]) == ("VBG", "acl", 1)
    assert (parsed.deps[1], parsed.heads[1], parsed.heads[0]) == ("ROOT", 1, 1)
    assert 1 in parsed.mentions


def test_a_gerund_that_names_a_sport_stays_a_noun(parse) -> None:
    parsed = parsed_caption(parse("a woman doing horse riding on the beach"))
    assert 4 not in parsed.mentions


def test_a_thing_of_two_words_is_one_whatever_its_last_word_is_taken_for(parse) -> None:
    parsed = parsed_caption(parse("A fire hydrant on a side walk in front of a building."))
    assert (parsed.tags[2], parsed.deps[2], parsed.heads[2]) == ("NN", "ROOT", 2)
    assert (parsed.deps[1], parsed.heads[1], parsed.heads[3]) == ("compound", 2, 2)
    assert parsed.mentions[2].noun.lemma == "fire hydrant"


def test_what_a_single_one_does_is_no_plural(parse) -> None:
    parsed = parsed_caption(parse("a cow stares as it stands next to a body of water"))
    assert (parsed.tags[2], parsed.deps[1], parsed.heads[0]) == ("VBZ", "nsubj", 1)


def test_a_name_may_begin_with_the_capital_of_the_caption(parse) -> None:
    parsed = parsed_caption(parse("Giraffe trying to reach some leaves on a tree."))
    assert (parsed.tags[0], parsed.protected) == ("NN", frozenset())


@pytest.mark.parametrize(
    ("text", "noun", "lemma"),
    [
        ("Two teddy bears sitting side by side.", 2, "teddy bear"),
        ("stop sign on a street of a town", 1, "stop sign"),
        ("A Christmas tree with lights", 2, "christmas tree"),
    ],
)
def test_a_thing_of_two_words_is_no_verb_and_no_name(parse, text, noun, lemma) -> None:
    parsed = parsed_caption(parse(text))
    assert parsed.is_description
    assert parsed.mentions[noun].noun.lemma == lemma


def test_who_does_something_may_stand_behind_of(parse) -> None:
    parsed = parsed_caption(parse("A couple of zebra standing next to a tree."))
    assert (parsed.tags[4], parsed.heads[4]) == ("VBG", 3)
    assert (parsed.deps[3], parsed.heads[3]) == ("pobj", 2)


def test_down_before_a_way_is_a_preposition(parse) -> None:
    parsed = parsed_caption(parse("a man skating down the street"))
    assert (parsed.deps[3], parsed.deps[5], parsed.heads[5]) == ("prep", "pobj", 3)
