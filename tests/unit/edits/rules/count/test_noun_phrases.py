"""Where a counted noun phrase begins and ends."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.count.rule import CountRule


@pytest.mark.parametrize(
    "factual",
    [
        "a toed sloth hangs in a tree",
        "person smiles for fans despite a mouth full of food",
        "cricket player catches one ball during a test match",
    ],
)
def test_what_is_one_by_nature_is_not_counted(rewrite, factual: str) -> None:
    assert rewrite(CountRule(), factual) == []


def test_an_adverb_before_the_noun_is_not_stranded(rewrite) -> None:
    assert rewrite(CountRule(), "pretty young women are eating in a cafe") == []
