"""Relations in space that exclude each other."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.relation.rule import RelationRule


@pytest.mark.parametrize(
    ("text", "old", "wrong"),
    [
        ("sculpture of lovers at the temple", "at", "outside"),
        ("people walk in front of old houses in a local street", "in front of", "behind"),
        ("mural painting on the walls of a temple", "on", "in front of"),
        ("a butterfly sitting on a white flower", "on", "above"),
        ("woman sleeping in chair near christmas tree", "in", "in front of"),
        ("a person with a broken leg lies in a hospital bed.", "in", "under"),
        ("man walking on the beach", "on", "away from"),
        ("child stands near a tree and touch it.", "near", "far from"),
        ("wine is poured into a glass", "into", "next to"),
    ],
)
def test_a_place_that_may_be_the_same_is_not_put_in(
    replacements, text: str, old: str, wrong: str
) -> None:
    assert wrong not in replacements(RelationRule(), text, old)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("elementary students learning the alphabet in school",
         "elementary students learning the alphabet outside the school"),
        ("women exercising at the gym", "women exercising outside the gym"),
        ("full length of a relaxed couple lying in bed",
         "full length of a relaxed couple lying next to the bed"),
        ("a red fox sits on a dirt road in the fall",
         "a red fox sits next to a dirt road in the fall"),
        ("little girls playing on the beach", "little girls playing next to the beach"),
        ("green gecko on the roof", "green gecko under the roof"),
        ("a pair of swans on a lake", "a pair of swans next to a lake"),
        ("close - up of a cute red cat on a fence in the garden .",
         "close - up of a cute red cat behind a fence in the garden ."),
    ],
)  # fmt: skip
def test_places_turn_into_others(rewrite, text: str, expected: str) -> None:
    assert expected in rewrite(RelationRule(), text)


@pytest.mark.parametrize(
    "text",
    [
        # Along a road is beside it as well as on it.
        "people walking along a road",
        # One may sit outside and still be at the restaurant, or at a street cafe.
        "the pair looked relaxed as they sat and ate at the popular restaurant",
        "main square with people at a street cafe .",
        "cartoon man riding on a bike",
    ],
)
def test_places_that_would_say_the_same_stay(rewrite, text: str) -> None:
    changed = rewrite(RelationRule(), text)
    assert not any(word in caption for caption in changed for word in ("next to", "outside"))


def test_a_bed_stays_in_its_bedroom(rewrite) -> None:
    found = rewrite(RelationRule(), "a cat on a bed in a bedroom")
    assert found
    assert not any("outside" in caption for caption in found)


def test_an_animal_is_put_in_nothing_smaller(replacements) -> None:
    assert "in" not in replacements(RelationRule(), "a giraffe stands under a tree", "under")
