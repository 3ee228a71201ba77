"""What a caption says is where."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.word_tree import word_tree
from pipeline.edits.rules.relation.placing import count_placements, placings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a cat sitting on top of a bench", ("cat", "sit", "on", "bench")),
        ("a group of dogs by the lake", ("dog", None, "next to", "lake")),
        ("a cat that is sitting under a car", ("cat", "sit", "under", "car")),
        ("she stands near a horse", ("person", "stand", "next to", "horse")),
    ],
)
def test_figure_verb_and_ground_are_read(parse, text: str, expected: tuple[str, ...]) -> None:
    (one,) = placings(word_tree(parse(text)))
    verb = one.verb.lemma if one.verb is not None else None
    assert (one.figure_name, verb, one.preposition, one.ground_name) == expected


def test_placements_are_counted_by_ground(parse) -> None:
    texts = ["a cat sitting on a bench", "a cat sitting on a bench", "hope in an abstraction"]
    figures, doings = count_placements(word_tree(parse(text)) for text in texts)
    assert figures == {"bench": {"on": {"cat": 2}}}
    assert doings == {"bench": {"on": {"sit": 2}}}
