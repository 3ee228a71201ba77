"""Appearances in fixed words, found by their first word."""

from __future__ import annotations

import pytest

from pipeline.core.errors import ConfigError
from pipeline.edits.lexicon.files import read_table
from pipeline.edits.lexicon.looks import Looks, load_looks


def test_the_longest_phrase_comes_first() -> None:
    index = load_looks()
    assert len(index) > 50
    for first, found in index.items():
        lengths = [len(phrase) for phrase, _ in found]
        assert lengths == sorted(lengths, reverse=True)
        assert all(phrase[0] == first for phrase, _ in found)


def test_what_is_put_in_leaves_its_pole() -> None:
    found = [pair for pairs in load_looks().values() for pair in pairs]
    assert found
    for phrase, look in found:
        assert any(phrase in pole for pole in look.poles)
        assert any(
            put for pole, put in zip(look.poles, look.put, strict=True) if phrase not in pole
        )


def test_words_for_each_pole_are_demanded() -> None:
    look = {"subkind": "state", "poles": [["in snow"], ["in leaves"]], "put": [["in snow"]]}
    with pytest.raises(ConfigError, match=r"looks.toml \[look.snow\] .*`put`"):
        read_table("looks", {"look": {"snow": look}}, Looks)
