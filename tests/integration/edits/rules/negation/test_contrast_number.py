"""Contrasts of numbers."""

from __future__ import annotations

import pytest

from pipeline.edits.apply.proposal import apply
from pipeline.edits.rules.negation.contrast_number import NumberContrasts
from tests.integration.edits.caption_edits import parse


@pytest.mark.integration
@pytest.mark.parametrize(
    ("text", "factual", "caption"),
    [
        (
            "actor attends a special screening.",
            "one actor, not two, attends a special screening.",
            "two actors, not one, attend a special screening.",
        ),
        (
            "three boats on a lake",
            "three boats, not five, on a lake",
            "five boats, not three, on a lake",
        ),
        (
            "view of a mosque",
            "view of one mosque, not three",
            "view of three mosques, not one",
        ),
    ],
)
def test_another_number_is_denied(text: str, factual: str, caption: str) -> None:
    doc = parse(text)
    found = [apply(doc, made) for made in NumberContrasts("negation").wordings(doc)]
    assert (factual, caption) in {(edit.factual, edit.caption) for edit in found}
