"""The words of the negation rule do not contradict each other."""

from __future__ import annotations

from pipeline.edits.lexicon.negation import load_negation


def test_no_word_is_in_two_sets_of_which_one_takes_away_what_the_other_gives() -> None:
    words = load_negation()
    assert words.general.isdisjoint(words.of_its_kind)
    assert words.comes_with.isdisjoint(words.loose_with)
    assert words.removable_body.isdisjoint(words.not_without)
    assert words.undenied.isdisjoint(words.bodily)
