"""The extract of WordNet says what is the same and what is more general, and nothing of sisters."""

from __future__ import annotations

import pytest

from pipeline.edits.lexicon.meanings import KnownMeanings


@pytest.mark.parametrize(
    ("old", "new", "part", "any_sense", "relation"),
    [
        ("car", "automobile", "noun", False, "synonym"),
        ("cars", "automobiles", "noun", False, "synonym"),
        ("dog", "animal", "noun", False, "hypernym"),
        ("animal", "dog", "noun", False, "hyponym"),
        ("boat", "vessel", "noun", True, "synonym"),
        ("dog", "cat", "noun", False, None),
        ("big", "huge", "adj", False, "synonym"),
        ("red", "blue", "adj", False, None),
        ("walking", "running", "verb", False, None),
        ("spaceship", "rocket launcher", "noun", False, None),
    ],
)
def test_how_two_words_are_related(old: str, new: str, part, any_sense: bool, relation) -> None:
    assert KnownMeanings().relation(old, new, part, any_sense=any_sense) == relation
