"""What an edit or a scene says differs from the anchor."""

from __future__ import annotations

import pytest

from pipeline.edits.gate.sameness import (
    Meanings,
    number_synonym,
    relation_synonym,
    swap_fault,
)
from pipeline.edits.lexicon import load_lexicon
from tests.unit.edits.gate.gate_edits import read, worded


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [("next to", "beside", True), ("under", "beneath", True), ("in", "inside", True),
     ("right next to", "alongside", True), ("next to", "under", False), ("on", "in", False),
     ("in front of", "behind", False)],
)  # fmt: skip
def test_relations(old: str, new: str, same: bool) -> None:
    assert bool(relation_synonym(old, new)) is same


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [("a couple of", "two", True), ("2", "two", True), ("a", "one", True),
     ("several", "many", True), ("several", "four", True), ("several", "two", False),
     ("two", "three", False),
     ("a", "three", False)],
)  # fmt: skip
def test_numbers(old: str, new: str, same: bool) -> None:
    assert bool(number_synonym(old, new)) is same


@pytest.mark.parametrize(
    ("old", "new", "part", "same"),
    [("couch", "sofa", "noun", True), ("dog", "puppy", "noun", True), ("dogs", "dog", "noun", True),
     ("fishing boat", "boat", "noun", True), ("dog", "cat", "noun", False),
     ("big", "large", "adj", True), ("colorful", "colourful", "adj", True),
     ("red", "blue", "adj", False), ("wooden", "stone", "adj", False),
     ("sleeping", "napping", "verb", True), ("walking", "running", "verb", False),
     ("seated", "sitting", "verb", True)],
)  # fmt: skip
def test_words_by_the_lexicon(old: str, new: str, part, same: bool) -> None:
    assert bool(Meanings(None).relation(old, new, part)) is same


class Thesaurus:
    """WordNet's answer for a few pairs."""

    fingerprint = "t"

    def relation(self, old: str, new: str, part: str, /, *, any_sense: bool = False) -> str | None:
        return "hypernym" if (old, new, any_sense) == ("boat", "vessel", True) else None


def test_sisters_are_no_synonyms_where_a_dictionary_says_so() -> None:
    assert load_lexicon().nouns.akin("sign") >= {"flag"}, "the lexicon holds them for alike"
    assert Meanings(Thesaurus()).relation("sign", "flag", "noun") is None
    assert Meanings(Thesaurus()).relation("boat", "vessel", "noun") == "hypernym"


@pytest.mark.parametrize(
    ("one", "other"),
    [("sign", "flag"), ("tie", "scarf"), ("t-shirt", "jacket"), ("forest", "garden"),
     ("tulips", "roses"), ("teddy bears", "dolls")],
)  # fmt: skip
def test_sisters_are_no_synonyms_without_wordnet_either(one: str, other: str) -> None:
    assert Meanings(None).relation(one, other, "noun") is None


@pytest.mark.parametrize(
    ("caption", "old", "new", "why"),
    [
        ("a cat and a dog on a bed", "cat", "dog", "text.symmetric"),
        ("a cat next to a dog", "cat", "dog", "text.symmetric"),
        ("a big dog on a bed", "big", "dog", "text.broken_swap"),
        ("a red car near a house in the rain", "red", "rain", "text.broken_swap"),
        ("a cat above a dog", "cat", "dog", ""),
        ("a red car and a blue bus", "red", "blue", ""),
    ],
)
def test_swaps(parse, caption: str, old: str, new: str, why: str) -> None:
    edit = worded(parse, caption, "swap", old, new)
    _, before, after = read(parse, edit)
    fault = swap_fault(edit, before, after)
    assert (fault.reason if fault else "") == why
