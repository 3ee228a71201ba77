"""What a caption states, as phrases that can be looked for in a picture."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.facts import MOST_FACTS, SpacyFacts
from tests.integration.edits.caption_edits import parser

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("caption", "facts"),
    [
        ("two red birds on a car", ("two red birds", "a car", "two red birds on a car")),
        ("a picture of a small dog", ("a small dog",)),
        ("it is raining", ("rain",)),
        ("it is what it is", ()),
        (
            "a man riding a horse on the beach",
            ("a man", "a horse", "the beach", "a man riding a horse", "a man on the beach"),
        ),
        ("a dog lies on a sofa", ("a dog", "a sofa", "a dog lying on a sofa")),
        ("a dog is in a box", ("a dog", "a box", "a dog in a box")),
        ("the flower is open", ("the open flower",)),
        ("clumps of snow on a tree", ("clumps of snow", "a tree", "clumps of snow on a tree")),
        (
            "three cats to the left of a box",
            ("three cats", "a box", "three cats to the left of a box"),
        ),
        ("a big dog next to a house", ("a big dog", "a house", "a big dog next to a house")),
        # What is denied is never asked about as if it were there.
        ("a man without a hat", ("a man", "a man without a hat")),
        ("a man not wearing a hat", ("a man", "a man not wearing a hat")),
        ("a bird with no hat", ("a bird", "a bird with no hat")),
        ("no dogs on the beach", ("the beach", "no dogs on the beach")),
        ("the dog isn't on the sofa", ("the dog", "the dog not on the sofa")),
    ],
)
def test_facts_are_phrases_to_look_for(caption: str, facts: tuple[str, ...]) -> None:
    (found,) = SpacyFacts(parser()).facts([caption])
    assert set(found) == set(facts)


def test_a_long_caption_has_no_more_facts_than_can_be_asked() -> None:
    caption = (
        "a red dog, a blue cat, a big bird, a boat, a car, a tree and a man on a horse in a park"
    )
    (found,) = SpacyFacts(parser()).facts([caption])
    assert len(found) == MOST_FACTS
