"""The contexts of nouns that are shipped."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.contexts import load_contexts


def test_every_noun_of_the_file_is_one_of_the_lexicon_and_stands_somewhere() -> None:
    nouns = load_contexts().by_noun
    assert "sit at" in nouns["table"]
    assert nouns.keys() <= load_lexicon().nouns.by_lemma.keys()
    assert all(nouns.values())
