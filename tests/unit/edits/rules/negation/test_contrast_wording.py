"""The wording of a contrast."""

from __future__ import annotations

import pytest

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.proposal import Proposal, TokenPiece, apply
from pipeline.edits.rules.negation.contrast_wording import (
    INSTEAD,
    NOT,
    RATHER,
    Contrast,
    Link,
    composed,
    pick_several,
)


def contrast(at: int, link: Link, *before: str) -> Contrast:
    pieces = (TokenPiece(0, 1, "A", Role.REPAIR), TokenPiece(1, 2, "polar bear"))
    edit = Proposal(EditKind.OBJECT, "x", pieces, "elephant", "polar bear", "r")
    return Contrast("thing", edit, at, link, before)


@pytest.mark.parametrize(
    ("at", "link", "factual", "caption"),
    [
        (
            2,
            NOT,
            "An elephant, not a polar bear, on a beach",
            "A polar bear, not an elephant, on a beach",
        ),
        (
            5,
            RATHER,
            "An elephant on a beach rather than a polar bear",
            "A polar bear on a beach rather than an elephant",
        ),
        (
            5,
            INSTEAD,
            "An elephant on a beach instead of a polar bear",
            "A polar bear on a beach instead of an elephant",
        ),
    ],
)
def test_words_change_place_with_their_articles(parse, at, link, factual, caption) -> None:
    doc = parse("An elephant on a beach")
    edit = apply(doc, composed(contrast(at, link, "a"), doc, "negation"))
    assert (edit.factual, edit.caption) == (factual, caption)
    assert (edit.old, edit.new) == ("elephant, not polar bear", "polar bear, not elephant")


def test_several_are_picked_in_turn_and_the_same_every_time() -> None:
    found = pick_several(["a", "b", "c"], "text", 2)
    assert len(set(found)) == 2
    assert pick_several(["a", "b", "c"], "text", 9)[:2] == found
