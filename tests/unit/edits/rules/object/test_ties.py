"""Nouns that other words hold."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.object.rule import ObjectRule


@pytest.mark.parametrize(
    "factual",
    [
        "a man hiking a hill",
        "orange is in this spring!",
        "the author at graduation, wearing her robes.",
        "workers on assembly line at car factory",
        "shops inside the station",
        "a slice of pizza on a plate",
        "a batter swings as the catcher squats",
        "children eating cake at the park",
        "a team looking at sunrise",
    ],
)
def test_nouns_that_other_words_hold_stay(rewrite, factual: str) -> None:
    assert rewrite(ObjectRule(), factual) == []


def test_under_an_unknown_verb_only_captions_say_who_else_does_it(rewrite) -> None:
    made = rewrite(ObjectRule(), "a dog yodels near a lamp")
    assert made
    assert all(text.startswith("a dog yodels") for text in made)


def test_where_all_articles_are_left_out_food_needs_none(rewrite) -> None:
    assert "girl eating doughnut" in rewrite(ObjectRule(), "girl eating cake")


def test_nouns_without_such_words_still_change(rewrite) -> None:
    assert "the park in autumn" in rewrite(ObjectRule(), "the park in spring")
    assert any("tracksuit" in text for text in rewrite(ObjectRule(), "a woman in a robe"))
