"""Pairs of words that mean the same, both ways and in both numbers."""

from __future__ import annotations

from pipeline.edits.lexicon.neutral import load_neutral


def test_nouns_go_both_ways_and_in_both_numbers() -> None:
    forms = load_neutral().noun_forms
    assert (forms["sofa"], forms["couches"]) == ("couch", "sofas")
    assert (forms["tv"], forms["televisions"], forms["ladies"]) == ("television", "TVs", "women")
    assert all(forms[new.lower()].lower() == old for old, new in forms.items())


def test_other_words_go_both_ways_but_for_those_that_do_not() -> None:
    forms = load_neutral().other_forms
    assert (forms["next", "to"], forms["beside",]) == ("beside", "next to")
    assert forms["underneath",] == "under"
    assert ("under",) not in forms


def test_shares_are_of_words_and_rules_that_there_are() -> None:
    words = load_neutral()
    known = {*words.noun_forms, *(" ".join(phrase) for phrase in words.other_forms)}
    named = [name for name in words.shares if "." not in name]
    assert named
    assert set(named) <= known
