"""Noun phrases that may not be contrasted."""

from __future__ import annotations

import pytest

from tests.integration.edits.caption_edits import edits
from tests.integration.edits.rules.negation.both_sides import CONTRAST

pytestmark = pytest.mark.integration


def test_ordinals_are_not_contrasted() -> None:
    text = "single beds in a room on the first floor"
    assert not any("floor" in edit.old for edit in edits(CONTRAST, text))


@pytest.mark.parametrize(
    "text",
    [
        "actor at the premiere during festival",
        "residents became upset by a plan to remove beavers",
        "a look upstream from a shore",
        "after swimming in the river",
        "actor performs on stage during the summer",
        "woman standing on a wild beach",
        "a person obsessed with lizards",
        "the match was won for the second year running by a club",
    ],
)
def test_what_a_picture_does_not_tell_apart_is_not_contrasted(text: str) -> None:
    assert not any(" not a" in e.factual or "instead of" in e.factual or "rather than" in e.factual
                   for e in edits(CONTRAST, text))  # fmt: skip
