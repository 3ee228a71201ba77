"""Two phrases exchange places."""

from __future__ import annotations

import pytest

from pipeline.core.records import EditKind, Role
from pipeline.edits.rules.swap.rule import SwapRule
from tests.integration.edits.caption_edits import captions, edits

pytestmark = pytest.mark.integration
RULE = SwapRule()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a man chasing a dog", "a dog chasing a man"),
        ("a lion attacking a bull", "a bull attacking a lion"),
        ("a horse attacked by a lion", "a lion attacked by a horse"),
        ("a truck in front of a bus", "a bus in front of a truck"),
        ("a red car behind a blue truck", "a blue car behind a red truck"),
        ("girl wearing a green raincoat and holding a red umbrella",
         "girl wearing a red raincoat and holding a green umbrella"),
        ("a big ship and small boats", "a small ship and big boats"),
        ("two dogs and three cats", "three dogs and two cats"),
        ("a truck towing a car", "a car towing a truck"),
        ("a wooden table with a red chair", "a red table with a wooden chair"),
        ("a metal table with a wooden chair", "a wooden table with a metal chair"),
    ],
)  # fmt: skip
def test_two_phrases_exchange_places(text: str, expected: str) -> None:
    assert expected in captions(RULE, text)


@pytest.mark.parametrize(
    "text",
    [
        "a man and a woman",
        "a man next to a woman",
        "a man with a woman",
        "the groom kissing the bride",
        "two friends meeting each other",
        "the groom lifted the bride in his arms",
        "a black and white dress and a red hat",
        "cup of green tea on a black background",
        "red carpet in front of a blue house",
        "green grass under a blue sky",
        "a young man and an old woman",
        "artist leads the crowd through a performance",
        "boys chasing dead deer",
        "a man looking at a dog",
        "a man holding a kid and a smiling mother",
        "two dogs for two cats",
        "dog chasing a labrador in the snow",
        "red velvet cake with cream cheese frosting",
        "how do you catch a man chasing a dog?",
        "a big bird on a white background",
        "an antique bottle on the white background",
        "workers standing behind the table and preparing the dough",
        "red roses and a violin on the table",
        "flowers in a glass vase on the table",
        "a girl and a boy in a park and a street",
        "a manager congratulates a worker at a shipyard",
        "a nurse comforts a child in a ward",
        "a teacher teaching a girl",
        "a fishing boat on the background of reefs",
        "there is a playground in front of the house",
        "silver ornament on golden a plate",
        "beach in front of the wall",
        "boy chasing a dog",
        "an old house with a green door",
        "vintage dresses and yellow shoes",
        "colorful cards with a floral pattern",
        "a man pushing a car",
        "a horse pulling a carriage",
        "husky dogs pulling the sled in an idyllic snowy countryside",
        "a rare sight as a few tourists ride horses through person.",
        "a cowboy riding a bull on a rodeo",
        "they are among the first motorists caught by police",
        "a cake topped with berries",
        "barbed wire topped with fence on a gloomy and cloudy day",
        "carriages in front of a park",
    ],
)
def test_what_would_mean_the_same_or_nonsense_is_left_alone(text: str) -> None:
    assert captions(RULE, text) == set()


def test_number_must_agree_with_a_finite_verb() -> None:
    assert captions(RULE, "a dog chases two cats") == set()
    assert "two cats chasing a dog" in captions(RULE, "a dog chasing two cats")


def test_swaps_have_two_decisive_pieces() -> None:
    found = edits(RULE, "a red car behind a blue truck")
    assert found
    for edit in found:
        assert edit.kind is EditKind.SWAP
        assert sum(p.role is Role.EDIT for p in edit.replacements) == 2
