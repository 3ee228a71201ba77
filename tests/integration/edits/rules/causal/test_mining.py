"""Causal statements of a stream of captions."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.causal.mining import summarise
from tests.integration.edits.caption_edits import parser

pytestmark = pytest.mark.integration


def test_a_stream_is_mined_in_order_and_summed_up() -> None:
    captions = [
        ("f:1", "a dog on the beach"),
        ("f:2", "the museum is closed due to snow"),
        ("f:3", "the storm causes damage to houses"),
        ("f:4", "the street is closed due to the parade"),
    ]
    nlp = parser().nlp
    summary = summarise(captions, nlp, examples=1)
    assert (summary.captions, summary.mentions, summary.captions_with) == (4, 3, 3)
    assert [(c.connective, c.direction, c.mentions) for c in summary.connectives] == [
        ("due to", "effect_first", 2),
        ("cause", "cause_first", 1),
    ]
    assert [len(c.examples) for c in summary.connectives] == [1, 1]
    first = summary.connectives[0].examples[0]
    assert (first.cause, first.effect) == ("snow", "the museum is closed")
    assert (first.caption, first.origin) == ("the museum is closed due to snow", "f:2")
