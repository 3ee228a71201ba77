"""Events as clauses and as nominals."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.word_tree import word_tree
from pipeline.edits.rules.causal.events import read_event
from tests.integration.edits.caption_edits import parse

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("text", "clause", "nominal"),
    [
        ("the dog barks at a man", "the dog barks at a man", "the dog barking at a man"),
        ("the boys are running", "the boys are running", "the boys running"),
        ("a flag is not moving", "a flag is not moving", "a flag not moving"),
        ("the road was closed", "the road was closed", "the road being closed"),
        ("there is a fire", "there is a fire", "a fire"),
        ("it snows", "it snows", "the snow"),
        ("the strong wind", "there is strong wind", "the strong wind"),
        ("the parade", "there is a parade", "the parade"),
    ],
)
def test_events_have_both_forms(text: str, clause: str, nominal: str) -> None:
    event = read_event(word_tree(parse(text)).whole)
    assert event is not None
    assert (event.clause, event.nominal) == (clause, nominal)


@pytest.mark.parametrize("text", ["he could fall", "running in the park quickly"])
def test_unclear_events_are_none(text: str) -> None:
    assert read_event(word_tree(parse(text)).whole) is None
