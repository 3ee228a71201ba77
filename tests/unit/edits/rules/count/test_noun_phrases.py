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
    assert not any(
        number in caption.split()
        for caption in rewrite(CountRule(), factual)
        for number in ("toed", "mouth", "balls")
    )


def test_an_adverb_before_the_noun_is_not_stranded(rewrite) -> None:
    captions = rewrite(CountRule(), "pretty young women are eating in a cafe")
    assert not any(text.startswith("pretty a single") for text in captions)
