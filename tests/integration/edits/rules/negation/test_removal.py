"""Negations that are taken away."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.negation.rule import NegationRule
from tests.integration.edits.caption_edits import edits

pytestmark = pytest.mark.integration
RULE = NegationRule()


def one_sided(text: str) -> set[str]:
    return {edit.caption for edit in edits(RULE, text) if edit.subkind != "both_sides"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("portrait of a goat without horns", "portrait of a goat with horns"),
        ("a man without a shirt", "a man with a shirt"),
        ("there are no lights inside the room", "there are lights inside the room"),
        ("a woman not wearing a hat", "a woman wearing a hat"),
        ("it isn't raining on the street", "it is raining on the street"),
    ],
)
def test_a_negation_is_removed(text: str, expected: str) -> None:
    assert expected in one_sided(text)
