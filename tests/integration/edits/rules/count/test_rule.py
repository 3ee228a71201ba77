"""One instead of a group."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.count.rule import CountRule
from tests.integration.edits.caption_edits import captions

COUNTS = CountRule()


@pytest.mark.integration
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "group of people smiling for camera at an event",
            "a single person smiling for camera at an event",
        ),
        ("group of horses in a paddock", "a single horse in a paddock"),
        ("herd of wild ducks swimming in the pond", "a single wild duck swimming in the pond"),
        ("person runs through the wilderness.", "two people run through the wilderness."),
        ("hard rock artist speaks onstage.", "two hard rock artists speak onstage."),
    ],
)
def test_groups_and_placeholders_in_another_number(text: str, expected: str) -> None:
    assert expected in captions(COUNTS, text)


@pytest.mark.integration
@pytest.mark.parametrize(
    "text",
    [
        "a group of friends celebrating together",
        "person says it is time we accept",
        "person celebrates his goal",
        "football player talks to the media during football competition",  # "talks" tagged a noun
    ],
)
def test_numbers_left_alone(text: str) -> None:
    assert captions(COUNTS, text) == set()
