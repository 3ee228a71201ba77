"""Nouns whose own phrase, or a second mention, forbids an exchange."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.object.rule import ObjectRule


def test_a_thing_named_twice_in_other_words_stays(replacements) -> None:
    assert not replacements(
        ObjectRule(), "car driving past a lit up car park during night time in town", "car"
    )


@pytest.mark.parametrize(
    "factual",
    [
        "a man hiking a hill",
        "orange is in this spring!",
        "workers on assembly line at car factory",
        "shops inside the station",
        "a slice of pizza on a plate",
        "a batter swings as the catcher squats",
        "a kitchen with a refrigerator",
        "a number with a seagull, or other image",
    ],
)
def test_nouns_that_other_words_hold_stay(rewrite, factual: str) -> None:
    assert rewrite(ObjectRule(), factual) == []


def test_under_an_unknown_verb_only_captions_say_who_else_does_it(rewrite) -> None:
    made = rewrite(ObjectRule(), "a dog yodels near a lamp")
    assert made
    assert all(text.startswith("a dog yodels") for text in made)


def test_the_people_of_a_building_are_those_of_no_other(rewrite) -> None:
    made = rewrite(ObjectRule(), "school holds up its trophy")
    assert made
    assert all(text.startswith("school") for text in made)


def test_nouns_without_such_words_still_change(rewrite) -> None:
    assert "the park at noon" in rewrite(ObjectRule(), "the park at night")
    assert any("tracksuit" in text for text in rewrite(ObjectRule(), "a woman in a bathrobe"))


def test_several_of_a_noun_that_stays_in_the_singular_are_left_alone(rewrite) -> None:
    assert rewrite(ObjectRule(), "Several giraffe peering their heads out") == []
