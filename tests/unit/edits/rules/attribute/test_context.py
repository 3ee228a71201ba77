"""Adjectives on which other words of the caption depend."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.attribute.rule import AttributeRule


@pytest.mark.parametrize(
    "factual",
    [
        "a skyline on a sunny day with sunshine",
        "a child drives around in his new car",
        "the new bathroom installed for a customer",
        "a rickety old door",
        "a warm spring evening in the park",
        "the giant tortoise at the zoo",
        "a pink ribbon for breast cancer awareness",
        "super blonde hair: the blonde singer",
        "a dark sky before the storm",
        "bricks make up a brick house",
        "a partially frozen river",
        "a coffee table that looks brand new",
        "freshly poured concrete floor",
        "the red team at the party",
        "boxes in blue black silver",
        "a stack of fresh pickled onions",
        "a happy family celebrating a birthday",
        "an old wall with the plaster collapsed",
        "a red nosed reindeer",
        "a pretty pink skirt, but i would swap pink for green",
        "a small boat is lowered from a larger boat",
        "aerial view of the forest canopy",
        "a large tall building in the city",
        "ice sculpture melts",
        "a wooden boat burning",
        "a crowded airport filled with people",
        "a wet road after the rain",
        "a brightly painted wall",
    ],
)
def test_qualities_that_other_words_depend_on_stay(rewrite, factual: str) -> None:
    assert rewrite(AttributeRule("allow"), factual) == []


@pytest.mark.parametrize(
    "factual",
    [
        "a big horned sheep on a rock",
        "a golden eagle on a branch",
        "shiny navy blue dress shoes",
    ],
)
def test_words_inside_a_name_are_no_qualities(rewrite, factual: str) -> None:
    assert rewrite(AttributeRule("allow"), factual) == []


def test_words_that_contradict_each_other_do_so_whichever_is_new(rewrite) -> None:
    made = rewrite(AttributeRule(), "a lush green field with small cows")
    assert made
    assert not any("barren" in text for text in made)


def test_what_grows_well_stays_green_and_what_is_empty_holds_nothing(rewrite) -> None:
    made = rewrite(AttributeRule(), "a white car on a crowded road by a lush green field")
    assert "a red car on a crowded road by a lush green field" in made
    assert not any("empty" in text or "yellow field" in text for text in made)
    assert "an empty road" in rewrite(AttributeRule(), "a crowded road")


def test_an_implied_quality_is_not_put_in(rewrite) -> None:
    assert "a snow covered snowy landscape" not in rewrite(
        AttributeRule(), "a snow covered rocky landscape"
    )
    assert "a snowy landscape at dawn" in rewrite(AttributeRule(), "a rocky landscape at dawn")


@pytest.mark.parametrize(
    ("text", "old", "wrong"),
    [
        ("old small hammer isolated on the white background", "small", {"large", "huge"}),
        ("a big bird on a white background", "big", {"small", "tiny"}),
        ("an old fashioned wooden breakwater in the sea", "wooden", {"glass", "plastic"}),
        ("a stone wall in the country", "stone", {"glass"}),
        ("a wooden window of the old church", "wooden", {"glass"}),
        ("picture of a very happy business woman with hands up", "happy", {"crying", "smiling"}),
        ("there are very small shells all over the shore", "small", {"huge"}),
        ("happy family in a city park", "happy", {"surprised"}),
        ("the back garden from outside the main guest bedroom.", "back", {"front"}),
        ("the modern lower level", "lower", {"upper"}),
        ("heavy rain fell on the street", "heavy", {"light"}),
        ("fishing in the icy waters", "icy", {"calm"}),
        ("sun rising through a forest on a misty summer morning", "misty", {"snowy"}),
        ("birds in a dead tree during a frozen, winter sunset", "dead", {"flowering", "leafy"}),
        ("a hamper of fresh fruits", "fresh", {"rotten"}),
        ("a big family in the garden", "big", {"tiny"}),
        ("close up of an angry hissing cat", "angry", {"happy", "smiling"}),
        ("sunglasses with a metal bridge", "metal", {"stone"}),
        ("a variety of colors of our fresh african violet inch plants.", "violet", {"yellow"}),
    ],
)
def test_a_quality_that_contradicts_other_words_is_not_put_in(
    replacements, text: str, old: str, wrong: set[str]
) -> None:
    assert not wrong & replacements(AttributeRule(), text, old)


@pytest.mark.parametrize(
    ("factual", "never"),
    [
        ("living in soft pastel colors with a festive table", "bright"),
        ("an elevated view of people swimming in the clear turquoise waters", "brown"),
        ("large powerful horses in a field", "tiny"),
    ],
)
def test_a_new_quality_fits_the_one_that_stays(rewrite, factual: str, never: str) -> None:
    assert not any(never in caption.split() for caption in rewrite(AttributeRule(), factual))


@pytest.mark.parametrize(
    ("factual", "unwanted"),
    [
        ("an elevated view of people swimming in the clear turquoise waters", "muddy"),
        ("boulders and pebbles are visible through the clear waters.", "muddy"),
        ("tree and sunflowers in a lush organic garden", "flowering"),
        ("a muscular man showing his abs, isolated on white background", "skinny"),
        ("people ride horses at the river to cool them during a hot summer day", "winter"),
        ("beautiful spring blossoming apple trees.", "winter"),
        ("colorful abstract background with rainbow colors and a white circular shape", "plain"),
        ("handsome people throw the snowballs in the winter park", "summer"),
        ("great in green: the teen wore a green dress and purple heels", "red dress"),
        ("fresh vegetables in a market", "rotten"),
        ("romanesque structure is a historic church.", "modern"),
        ("old wooden abacus on the table", "glass"),
        ("toddler girl playing with trains and wooden tracks on a porch", "glass"),
        ("thing country have in common is their love of fresh fruit.", "rotten"),
    ],
)
def test_a_quality_that_other_words_imply_stays(rewrite, factual: str, unwanted: str) -> None:
    assert not any(unwanted in caption for caption in rewrite(AttributeRule(), factual))
