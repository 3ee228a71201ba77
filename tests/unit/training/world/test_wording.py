from __future__ import annotations

import random

import pytest

from pipeline.training.world.wording import article, draw_wording, noun


@pytest.mark.parametrize(
    ("name", "count", "word"),
    [
        ("dog", 1, "dog"),
        ("dog", 3, "dogs"),
        ("fish", 2, "fish"),
        ("bus", 2, "buses"),
        ("box", 4, "boxes"),
    ],
)
def test_nouns_have_their_number(name: str, count: int, word: str) -> None:
    assert noun(name, count) == word


@pytest.mark.parametrize(("word", "before"), [("apple", "an"), ("orange", "an"), ("car", "a")])
def test_articles(word: str, before: str) -> None:
    assert article(word) == before


def test_the_same_state_draws_the_same_choices_and_each_of_them_varies() -> None:
    assert draw_wording(random.Random(1)) == draw_wording(random.Random(1))
    state = random.Random(2)
    drawn = [draw_wording(state) for _ in range(200)]
    for name in ("setting", "state", "swaps_order", "vague", "hat"):
        assert {getattr(one, name) for one in drawn} == {True, False}
    assert {one.pick(("a", "b", "c"), 3) for one in drawn} == {"a", "b", "c"}
