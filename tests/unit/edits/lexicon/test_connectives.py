"""Connectives and patterns of cause and effect."""

from __future__ import annotations

import pytest

from pipeline.core.errors import ConfigError
from pipeline.edits.lexicon.connectives import CausalLexicon, load_causal_lexicon
from pipeline.edits.lexicon.files import read_table

MINING = {"happenings": "", "happening_endings": [], "not_happenings": ""}


def test_connectives_keep_their_direction() -> None:
    connectives = load_causal_lexicon().connectives
    assert connectives["because"].effect_first
    assert not connectives["result in"].effect_first


def test_slots_of_patterns_can_be_filled() -> None:
    patterns = load_causal_lexicon().patterns
    assert any(pattern.slot for pattern in patterns)
    for pattern in patterns:
        if any("{x}" in form for form in (*pattern.effect, *pattern.cause)):
            assert pattern.slot is not None, pattern.name
        if any("{w}" in form for form in (*pattern.effect, *pattern.cause)):
            assert 0 <= pattern.word < len(pattern.words), pattern.name


def test_a_form_that_nobody_knows_is_an_error() -> None:
    entry = {
        "name": "as",
        "first": "effect",
        "words": "as",
        "effect": "sentence",
        "cause": "clause",
    }
    table = {"connective": [entry], "pattern": [], "mining": MINING}
    with pytest.raises(
        ConfigError, match=r"connectives.toml \[connective.0\] effect: .*'sentence'"
    ):
        read_table("connectives", table, CausalLexicon)
