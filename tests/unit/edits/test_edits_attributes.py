"""Attributes: what the rule on qualities makes of a caption, and what it leaves alone."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.attribute.rule import AttributeRule


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("red ornament on a white background", "red ornament on a black background"),
        ("businessman in a suit isolated on white", "businessman in a suit isolated on black"),
        ("woman dressed in black at the premiere", "woman dressed in red at the premiere"),
        ("bird on a white background vector", "bird on a red background vector"),
        ("newlyweds on a white sand beach", "newlyweds on a black sand beach"),
        ("front view of the house", "rear view of the house"),
        ("aerial view of the lake", "ground-level view of the lake"),
        ("a blonde woman in a cafe", "a brunette woman in a cafe"),
        ("a bearded man with a hat", "a clean-shaven man with a hat"),
        ("an old tree on the hill", "a young tree on the hill"),
        ("a lit candle on the table", "an unlit candle on the table"),
        ("a snowy forest in the mountains", "a green forest in the mountains"),
        ("a row of parked cars on the street", "a row of moving cars on the street"),
        ("woman with dark hair", "woman with blonde hair"),
        ("people hiking on a dirt road", "people hiking on a paved road"),
        ("a zorgblat with a yellow bodice", "a zorgblat with a green bodice"),
    ],
)  # fmt: skip
def test_qualities_change_on_many_things(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(AttributeRule("allow"), factual)


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
    ],
)
def test_qualities_that_other_words_depend_on_stay(rewrite, factual: str) -> None:
    assert rewrite(AttributeRule("allow"), factual) == []


def test_shades_stand_before_colours_that_people_name_with_them(rewrite) -> None:
    light = rewrite(AttributeRule(), "a man in a light blue shirt")
    assert light
    assert not any(f"light {colour}" in text for text in light for colour in ("red", "black"))
    bright = rewrite(AttributeRule(), "a woman in a bright yellow dress")
    assert bright
    assert not any(f"bright {colour}" in text for text in bright for colour in ("grey", "white"))


def test_cloudy_weather_turns_sunny_only_because_rain_needs_clouds(rewrite) -> None:
    assert rewrite(AttributeRule(), "a harbour on a cloudy day") == ["a harbour on a sunny day"]


def test_gender_adjectives_follow_the_policy(rewrite) -> None:
    caption = "hands of a female doctor with a stethoscope"
    assert rewrite(AttributeRule("allow"), caption) == ["hands of a male doctor with a stethoscope"]
    assert rewrite(AttributeRule("off"), caption) == []
    assert rewrite(AttributeRule("allow"), "a female doctor with her patient") == []


@pytest.mark.parametrize(
    "factual",
    [
        "a big horned sheep on a rock",
        "a golden eagle on a branch",
        "a worker in a metal factory",
        "shiny navy blue dress shoes",
    ],
)
def test_words_inside_a_name_are_no_qualities(rewrite, factual: str) -> None:
    words = {"big", "golden", "metal", "blue"} & set(factual.split())
    assert all(words <= set(text.split()) for text in rewrite(AttributeRule("allow"), factual))


def test_a_quality_that_the_caption_tells_already_is_not_put_in(rewrite) -> None:
    assert "a snow covered snowy landscape" not in rewrite(
        AttributeRule(), "a snow covered rocky landscape"
    )
    assert "a snowy landscape at dawn" in rewrite(AttributeRule(), "a rocky landscape at dawn")
