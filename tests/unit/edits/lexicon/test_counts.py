"""The words of the rule on counts name what the lexicon knows, and do not contradict each other."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.counts import load_counts


def test_nouns_and_classes_are_those_of_the_lexicon() -> None:
    words, nouns = load_counts(), load_lexicon().nouns.by_lemma
    classes = {noun.cls for noun in nouns.values()}
    assert words.uncounted <= classes
    assert words.counted_anyway <= nouns.keys()
    assert words.without_article <= classes | nouns.keys()
    assert words.never_alone | words.never_counted <= classes | nouns.keys()
    assert words.roles | words.seats | words.counted_of <= nouns.keys()


def test_what_is_counted_is_in_no_class_that_is_not() -> None:
    words = load_counts()
    assert words.counted_anyway.isdisjoint(words.never_counted | words.never_alone)
    assert words.without_article.isdisjoint(words.uncounted)
