"""Prepositions, articles and other words round a noun that is exchanged."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.object.rule import ObjectRule


@pytest.mark.parametrize(
    ("factual", "never"),
    [
        ("kids playing in the sand", "ice"),
        ("homes located in the city", "farm"),
        ("pigeons on a branch", "pelicans"),
        ("group of cups on the tray", "box"),
        ("an eagle in the sky", "woodpecker on"),
        ("a girl sitting in the chair", "sofa"),
        ("a clear day at the beach", "street"),
    ],
)
def test_a_noun_that_its_preposition_rules_out_is_not_put_in(
    rewrite, factual: str, never: str
) -> None:
    assert not any(never in text for text in rewrite(ObjectRule(), factual))
