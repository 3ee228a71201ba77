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
        "residents upset by plan to euthanize beavers that have been building dams",
    ],
)
def test_numbers_that_other_words_fix_stay(rewrite, factual: str) -> None:
    texts = rewrite(CountRule(), factual)
    assert not any(word in text for text in texts for word in ("two", "three", "single fish"))
    assert not any("a single dam" in text or "a single sheep" in text for text in texts)


def test_numbers_near_those_words_still_change(rewrite) -> None:
    assert "two tiny houses on a hill" in rewrite(CountRule(), "a tiny house on a hill")
    assert "two fish on a reef" in rewrite(CountRule(), "a fish on a reef")
