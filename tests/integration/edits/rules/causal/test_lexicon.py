"""The connectives and patterns."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.causal.lexicon import load_causal_lexicon

pytestmark = pytest.mark.integration
CONNECTIVES = load_causal_lexicon().connectives


def test_all_twelve_and_the_mined_ones_are_there() -> None:
    twelve = {
        "is due to", "is caused by", "is a result of", "is the effect of",
        "is the consequence of", "because", "owe to", "result in", "cause", "lead to",
        "give rise to", "bring about",
    }  # fmt: skip
    assert twelve <= set(CONNECTIVES)


def test_all_patterns_have_slots_that_can_be_filled() -> None:
    for pattern in load_causal_lexicon().patterns:
        if any("{x}" in form for form in (*pattern.effect, *pattern.cause)):
            assert pattern.slot is not None, pattern.name
        if any("{w}" in form for form in (*pattern.effect, *pattern.cause)):
            assert 0 <= pattern.word < len(pattern.words), pattern.name
