"""Adjectives of visible nouns: which change, and into what."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.attribute.rule import AttributeRule


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("red ornament on a white background", "red ornament on a black background"),
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


def test_sizes_beside_other_things_still_change(replacements) -> None:
    assert "small" in replacements(AttributeRule(), "a large polar bear next to a car", "large")
    assert "crying" in replacements(AttributeRule(), "a happy woman in a city park", "happy")


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        # what was frozen, and is meant as it stands
        ("portrait of an old man", "portrait of a young man"),
        ("a man in black jacket driving a car", "a man in red jacket driving a car"),
        # the last word of a frozen phrase is a thing
        ("a city: interior of the historic railway station.",
         "a city: interior of the modern railway station."),
        ("traditional sailing boat anchored at the island",
         "modern sailing boat anchored at the island"),
        # "and" joins the nouns
        ("typical houses and narrow streets in the town.",
         "typical houses and wide streets in the town."),
        # a plural that the lexicon of things does not know
        ("fishing boat in the calm waters", "fishing boat in the rough waters"),
        # taken for a verb
        ("spotting our first bull moose in the river on a rainy afternoon",
         "spotting our first bull moose in the river on a sunny afternoon"),
        ("various of colorful cherry tomatoes in a ceramic bowl.",
         "various of colorful cherry tomatoes in a metal bowl."),
        ("boiled potatoes with dill on a plate.", "fried potatoes with dill on a plate."),
        ("elevated view of rows of empty wooden chairs",
         "ground-level view of rows of empty wooden chairs"),
        ("actor poses with a striped t-shirt", "actor poses with a plain t-shirt"),
    ],
)  # fmt: skip
def test_qualities_change_in_spite_of_the_parse(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(AttributeRule(), factual)


def test_seasons_of_a_day_differ_visibly(rewrite) -> None:
    assert rewrite(AttributeRule(), "the harbour on a summer day") == [
        "the harbour on a winter day"
    ]


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("a red car on the street", "a blue car on the street"),
        ("an orange balloon in the sky", "a green balloon in the sky"),
        ("woman in a light blue dress", "woman in a light green dress"),
        ("a man standing by a small airplane", "a man standing by a large airplane"),
        ("a wooden bridge over the river", "a stone bridge over the river"),
        ("an empty street at night", "a crowded street at night"),
        ("a traditional circular window", "a traditional square window"),
        ("people playing tennis on a sunny day", "people playing tennis on a rainy day"),
        ("an old building in the city", "a modern building in the city"),
        ("girl in a striped shirt", "girl in a plaid shirt"),
        ("the sky is blue", "the sky is grey"),
    ],
)
def test_qualities_are_exchanged_on_their_scale(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(AttributeRule(), factual)


@pytest.mark.parametrize(
    "factual",
    [
        "a little boy with a ball",
        "portrait of a black woman",
        "young white man at work",
        "white hands holding soil",
        "green energy for the future",
        "the big day of the wedding",
        "high school students",
        "portrait of a middle aged woman",
        "a glass of white wine",
        "a tall tale",
        "a short film about love",
        "black and white portrait",
        "a red carpet event",
        "day of the dead flowers",
        "a foggy rainy day",
        "bricks make up a house like a brick house",
        "a man falls asleep",
    ],
)
def test_qualities_that_are_not_visible_stay(rewrite, factual: str) -> None:
    assert rewrite(AttributeRule(), factual) == []


def test_a_happy_woman_who_smiles_does_not_turn_angry(rewrite) -> None:
    assert rewrite(AttributeRule(), "a happy woman smiling in the garden") == []


def test_trees_are_not_fresh(rewrite) -> None:
    assert not any("fresh" in t for t in rewrite(AttributeRule(), "forest of dead trees"))


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("suede over the knee boots with white skinny jeans!",
         "suede over the knee boots with black skinny jeans!"),
        ("a black evening gown with sheer bodice", "a red evening gown with sheer bodice"),
        ("actor leaves in a daring crop top and stylish skinny trousers",
         "actor leaves in a daring crop top and stylish baggy trousers"),
        ("outdoor seating around the pool", "indoor seating around the pool"),
        ("an abandoned farmhouse after a snow fall", "a well-kept farmhouse after a snow fall"),
        ("giant christmas tree in the town square", "tiny christmas tree in the town square"),
        ("handmade medieval leather boots.", "handmade medieval rubber boots."),
    ],
)  # fmt: skip
def test_qualities_of_compounds_change(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(AttributeRule(), factual)


@pytest.mark.parametrize(
    ("factual", "unwanted"),
    [
        # "white" is said of the sand
        ("footprints on a white sand beach", "pink sand beach"),
        ("a red fox in the snow during the winter months", "summer"),
        ("person reported that person lost a gold chain", "silver chain"),
    ],
)
def test_qualities_of_another_noun_stay(rewrite, factual: str, unwanted: str) -> None:
    assert not any(unwanted in caption for caption in rewrite(AttributeRule(), factual))


def test_captions_that_offer_ideas_still_describe(rewrite) -> None:
    room = rewrite(AttributeRule(), "design ideas for a classic living room .")
    assert "design ideas for a modern living room ." in room
    goat = rewrite(AttributeRule(), "portrait of a black goat without horns .")
    assert "portrait of a white goat without horns ." in goat
