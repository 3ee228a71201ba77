"""How large things are."""

from __future__ import annotations

import pytest

from pipeline.core.errors import ConfigError
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.files import read_table
from pipeline.edits.lexicon.sizes import Sizes, load_sizes


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("cat", "dog", True),
        ("man", "horse", True),
        ("bed", "laptop", False),
        ("car", "house", True),
        ("apple", "man", False),
    ],
)
def test_what_can_stand_in_each_others_place(one: str, other: str, alike: bool) -> None:
    nouns = load_lexicon().nouns.by_lemma
    assert load_sizes().are_alike(nouns[one], nouns[other]) is alike
    assert load_sizes().are_alike(nouns[other], nouns[one]) is alike


def test_every_name_is_one_of_the_lexicon() -> None:
    nouns = load_lexicon().nouns
    classes = {group.cls for group in nouns.groups.values()}
    known = {*nouns.by_lemma, *nouns.groups, *classes}
    assert set(load_sizes().ranks) - known == set()


def test_a_thing_with_two_sizes_is_refused() -> None:
    table = {"order": ["a", "b"], "of": {"a": ["dog"], "b": ["dog"]}}
    with pytest.raises(ConfigError, match="two sizes"):
        read_table("sizes", table, Sizes)
