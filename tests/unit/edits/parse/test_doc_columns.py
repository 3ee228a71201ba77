"""Columns of a doc."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.word_tree import word_tree


@pytest.mark.parametrize(
    ("text", "lemma"), [("a man riding a horse", "ride"), ("people staring at the sea", "stare")]
)
def test_verbs_have_their_own_lemma(parse, text: str, lemma: str) -> None:
    assert lemma in {word.lemma for word in word_tree(parse(text))}
