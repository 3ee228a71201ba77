"""Relations in space that exclude each other, of things that may be there."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.relation.rule import RelationRule


@pytest.mark.parametrize(
    "text",
    [
        # Nothing is said of such things.
        "women praying in a mosque full of carpets",
        "a woman shopping in a store",
        # Both may hold, or a picture does not tell.
        "a person sitting in front of a laptop",
        "child stands near a tree and touches it.",
        "a child eats food from a bowl at a table",
        "a group of giraffes gathered under a tree",
        "a red car parked near a sidewalk on a street",
        "a couple standing outside of a restaurant on a sidewalk",
        "a model wears a dress by person",
        # It may be another thing that is there.
        "a woman is in front of some food on a table",
        "men behind horse back riding",
        # What is done is done only there.
        "a man on a skateboard jumping over a stairway",
        "a surfer on a surfboard riding a wave",
        # The rest of the caption says where it is.
        "the dog in the basket has a ball with it",
        "a bowl of stew in a white bowl",
        "wine is poured into a glass",
        "three dogs sitting outside near a forest",
    ],
)
def test_a_place_that_nobody_would_say_is_not_put_in(rewrite, text: str) -> None:
    assert rewrite(RelationRule(), text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a cat sitting on a bench", "a cat sitting under a bench"),
        ("a dog is sitting next to a bench", "a dog is sitting on a bench"),
        ("a girl sitting on a skateboard", "a girl sitting next to a skateboard"),
        ("a black dog sits in a car", "a black dog sits behind a car"),
        ("a laptop on a desk", "a laptop under a desk"),
        ("zebras standing in a field", "zebras standing near a field"),
        ("a woman in a red dress sitting on a bench", "a woman in a red dress sitting by a bench"),
        ("actor, left, and person greet the audience",
         "actor, right, and person greet the audience"),
        ("an elephant that is standing in the water",
         "an elephant that is standing next to the water"),
        ("some people standing in front of a large building",
         "some people standing in a large building"),
    ],
)  # fmt: skip
def test_places_turn_into_others(rewrite, text: str, expected: str) -> None:
    assert expected in rewrite(RelationRule(), text)


def test_sides_of_two_unnamed_persons_stay(rewrite) -> None:
    assert rewrite(RelationRule(), "person, left, and person greet the audience") == []


def test_near_stands_for_no_relation_that_it_may_be(rewrite) -> None:
    made = rewrite(RelationRule(), "a dog sitting behind a bench")
    assert any("next to" in text for text in made)
    assert not any("near" in text for text in made)
    assert any("on" in text for text in rewrite(RelationRule(), "a cat lying near a bench"))
