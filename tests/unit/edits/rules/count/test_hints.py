"""Words that fix how many there are."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.count.rule import CountRule


@pytest.mark.parametrize(
    "factual",
    [
        "boy dressed up as a construction worker",
        "portrait of young man - focus on the model's eyes",
        "young man wearing beanie",
        "a sq ft tiny house made from barn wood",
        "fish on a healthy reef",
        "sheep in a field",
    ],
)
def test_numbers_that_other_words_fix_stay(rewrite, factual: str) -> None:
    assert rewrite(CountRule(), factual) == []


def test_what_is_in_an_unseen_relative_clause_is_not_counted(rewrite) -> None:
    text = "residents upset by plan to euthanize beavers that have been building dams"
    found = rewrite(CountRule(), text)
    assert found
    assert all(caption.endswith("beavers that have been building dams") for caption in found)


def test_numbers_near_those_words_still_change(rewrite) -> None:
    assert "two tiny houses on a hill" in rewrite(CountRule(), "a tiny house on a hill")
    assert "two fish on a reef" in rewrite(CountRule(), "a fish on a reef")
