"""Wordings negated on both sides, held against the checks of the stage."""

from __future__ import annotations

import pytest

from pipeline.core.records import CaptionEdit
from pipeline.edits.rules.negation.rule import NegationRule
from tests.integration.edits.caption_edits import edits

pytestmark = pytest.mark.integration


def both_sides(text: str) -> list[CaptionEdit]:
    """The wordings on both sides that are offered of a caption, with all that may be denied."""
    return [edit for edit in edits(NegationRule(9), text) if edit.subkind == "both_sides"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a dog running on the beach", "running"),
        ("a woman holding a cup", "cup"),
        ("a red car", "car"),
        ("a man sitting on a bench", "sitting"),
        ("three pieces of cut red paper", "red"),
    ],
)
def test_both_sides_deny_something(text: str, said: str) -> None:
    found = both_sides(text)
    assert found
    for edit in found:
        for side in (edit.factual, edit.caption):
            assert any(word in side for word in ("not ", "rather than ", "instead of "))
        old, _, denied = edit.old.partition(", not ")
        assert old == said
        assert edit.new == f"{denied}, not {old}"


@pytest.mark.parametrize(
    "text",
    [
        "single beds in a room on the first floor",
        "actor at the premiere during festival",
        "residents became upset by a plan to remove beavers",
        "a look upstream from a shore",
        "after swimming in the river",
        "actor performs on stage during the summer",
        "woman standing on a wild beach",
        "a cat looking at a camera",
        "the match was won for the second year running by a club",
    ],
)
def test_what_a_picture_does_not_tell_apart_is_not_contrasted(text: str) -> None:
    wrong = "floor festival beaver shore river summer beach camera running"
    assert not any(edit.old.startswith(tuple(wrong.split())) for edit in both_sides(text))


@pytest.mark.parametrize(
    "text",
    ["a dog in a car with a trailer", "a fox with pink hair in a forest"],
)
def test_a_contrast_does_not_take_what_follows_from_its_noun(text: str) -> None:
    found = both_sides(text)
    assert found
    assert not any("rather than" in edit.factual for edit in found)


@pytest.mark.parametrize(
    "text",
    [
        "a young woman near a house",
        "yellow, red and large leaves, small stones, and sand",
        "a very large sign at the end",
    ],
)
def test_age_lists_and_degrees_are_not_denied(text: str) -> None:
    assert not [edit for edit in both_sides(text) if edit.rule.endswith("quality")]
