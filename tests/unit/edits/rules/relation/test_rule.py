"""Relations in space that exclude each other and that captions have of such things."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.relation.rule import RelationRule


@pytest.mark.parametrize(
    "text",
    [
        # No caption has such a thing there.
        "a pizza on a plate",
        "a laptop on a desk",
        "women praying in a mosque full of carpets",
        "a giraffe stands under a tree",
        "a woman shopping in a store",
        # Both may hold, or a picture does not tell.
        "zebras standing in a field",
        "a person sitting in front of a laptop",
        "child stands near a tree and touches it.",
        "an old man looks at a dog",
        # What is done is done only there.
        "a man on a skateboard jumping over a stairway",
        "a surfer on a surfboard riding a wave",
        # The rest of the caption says where it is.
        "the dog in the basket has a ball with it",
        "a bowl of stew in a white bowl",
        "a couple of people sit on a motorcycle next to a white car",
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
        ("a black dog sits in a car", "a black dog sits on top of a car"),
        ("an elephant that is standing in the water",
         "an elephant that is standing next to the water"),
        ("some people standing in front of a large building",
         "some people standing in a large building"),
    ],
)  # fmt: skip
def test_places_turn_into_others(rewrite, text: str, expected: str) -> None:
    assert expected in rewrite(RelationRule(), text)
