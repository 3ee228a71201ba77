"""Negations that are added, beside wordings on both sides."""

from __future__ import annotations

import pytest

from pipeline.core.records import Role
from pipeline.edits.rules.negation.rule import NegationRule
from tests.integration.edits.caption_edits import edits

pytestmark = pytest.mark.integration
RULE = NegationRule()


def one_sided(text: str) -> set[str]:
    return {edit.caption for edit in edits(RULE, text) if edit.subkind != "both_sides"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a man wearing a hat", "a man not wearing a hat"),
        ("a dog is running on the beach", "a dog is not running on the beach"),
        ("a girl with an umbrella", "a girl without an umbrella"),
        ("a child plays with a ball", "a child does not play with a ball"),
        ("sheep are grazing in a field", "sheep are not grazing in a field"),
        ("girl in white clothes holds a basket", "girl in white clothes does not hold a basket"),
        (
            "a girl with blue jeans sitting on a pumpkin",
            "a girl with blue jeans not sitting on a pumpkin",
        ),
        ("man and woman walking near the river", "man and woman not walking near the river"),
        ("actor poses with his dog", "actor poses without his dog"),
        ("a girl with a crow on her shoulder", "a girl without a crow on her shoulder"),
    ],
)
def test_a_negation_is_added(text: str, expected: str) -> None:
    assert expected in one_sided(text)


@pytest.mark.parametrize(
    "text",
    [
        "a house with a view",
        "a girl with blue eyes",
        "a woman with a hat and a scarf",
        "a man with hands on his hips",
        "beauty with or without makeup is nothing to lie about",
        "no celebration is complete without dessert",
        "smiling because it is not raining anymore",
        "handmade wooden wall hanging clock is made from wood",
        "happy man drinking coffee and dancing in the kitchen",
        "what is the dog wearing a hat doing?",
        "you should wear a hat",
        "show up to a date with flowers",
        "there's a dog somewhere in this photo",
        "person stands combine metal and carved wood tops",
        "a child having fun playing with leaves",
        "the living room looks into the family room",
        "he looks dashing in a suit",
        "cricket player plays a shot",
        "a log home filled with rustic charm",
        "views of the water and beach",
        "a group of men and women",
        "salt and pepper shakers",
        "a man on a mission",
        "she speaks for the trees",
        "dried noodles and foods at a market",
        "a hall inside the hotel and casino",
    ],
)
def test_what_is_unseen_doubtful_or_unclear_gets_no_bare_negation(text: str) -> None:
    assert one_sided(text) == set()


def test_a_negated_caption_is_not_negated_again() -> None:
    assert [e.subkind for e in edits(RULE, "a dog without a collar")] == ["removed"]


def test_wordings_are_the_same_every_time() -> None:
    text = "a man on a horse near a red barn"
    once = [edit.caption for edit in edits(RULE, text)]
    assert once
    assert once == [edit.caption for edit in edits(RULE, text)]


def test_decisive_pieces() -> None:
    found = [*edits(RULE, "a man on a horse near a red barn"), *edits(RULE, "a girl with a hat")]
    assert {edit.subkind for edit in found} == {"both_sides", "one_sided"}
    for edit in found:
        decisive = sum(piece.role is Role.EDIT for piece in edit.replacements)
        assert decisive == (2 if edit.subkind == "both_sides" else 1)
