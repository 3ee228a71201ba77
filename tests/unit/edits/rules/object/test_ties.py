"""Nouns that other words hold."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.object.rule import ObjectRule


@pytest.mark.parametrize(
    "factual",
    [
        "a man hiking a hill",
        "orange is in this spring!",
        "the author at graduation, wearing her robes.",
        "workers on assembly line at car factory",
        "shops inside the station",
        "a slice of pizza on a plate",
    ],
)
def test_nouns_that_other_words_hold_stay(rewrite, factual: str) -> None:
    assert rewrite(ObjectRule(), factual) == []


def test_nouns_without_such_words_still_change(rewrite) -> None:
    assert "the park in autumn" in rewrite(ObjectRule(), "the park in spring")
    assert any("tracksuit" in text for text in rewrite(ObjectRule(), "a woman in a robe"))
