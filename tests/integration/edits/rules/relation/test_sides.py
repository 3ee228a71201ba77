"""Who is on which side."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.relation.sides import SidesRule
from tests.integration.edits.caption_edits import edits

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("person, left, and actor at the awards", "person, right, and actor at the awards"),
        (
            "politician, second from right, smiles at the crowd",
            "politician, second from left, smiles at the crowd",
        ),
    ],
)
def test_somebody_stands_on_the_other_side(text: str, expected: str) -> None:
    assert [edit.caption for edit in edits(SidesRule(), text)] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "person, left, and actor, right, at the awards",
        "girl entering the frame, right, center",
        "the right time for a holiday",
        "he left, smiling",
    ],
)
def test_a_side_that_is_none_or_not_alone_is_left(text: str) -> None:
    assert not edits(SidesRule(), text)
