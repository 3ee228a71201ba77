"""Words that mean the same, where they stand on their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.tokens import Doc

from pipeline.edits.neutral.writer import rewordings


def reworded(doc: Doc) -> list[str]:
    return [one.caption for one, _ in rewordings(doc) if one.kind == "synonym"]


@pytest.mark.parametrize(
    ("caption", "other"),
    [
        ("A cat on a sofa.", "A cat on a couch."),
        ("two gray cats", "two grey cats"),
        ("A TV on a desk", "A television on a desk"),
        ("a television on a desk", "a tv on a desk"),
        ("Women riding bikes", "Ladies riding bikes"),
        ("a dog next to a tree", "a dog beside a tree"),
        ("a bird on top of a car", "a bird atop a car"),
        ("a boat near the shore", "a boat close to the shore"),
        ("a dog beneath a table", "a dog under a table"),
    ],
)
def test_a_word_for_a_word(parse: Callable[[str], Doc], caption: str, other: str) -> None:
    assert other in reworded(parse(caption))


@pytest.mark.parametrize(
    "caption",
    [
        "a sofa bed",
        "a television set on a desk",
        "the first lady at a dinner",
        "a mature man seated near",
        "close to 50 people",
        "a dog under a table",  # "beneath" is the rarer and goes one way
    ],
)
def test_what_is_not_certain_stays(parse: Callable[[str], Doc], caption: str) -> None:
    assert reworded(parse(caption)) == []
