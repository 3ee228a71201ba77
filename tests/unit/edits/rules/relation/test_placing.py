"""What a caption says is where."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.word_tree import word_tree
from pipeline.edits.rules.relation.placing import placings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a cat sitting on top of a bench", ("cat", "sit", "on top of", "bench")),
        ("a group of dogs by the lake", ("dog", None, "by", "lake")),
        ("a cat that is sitting under a car", ("cat", "sit", "under", "car")),
        ("she stands near a horse", ("person", "stand", "near", "horse")),
    ],
)
def test_figure_verb_and_ground_are_read(parse, text: str, expected: tuple[str, ...]) -> None:
    (one,) = placings(word_tree(parse(text)))
    verb = one.verb.lemma if one.verb is not None else None
    assert (one.figure_name, verb, " ".join(one.preposition), one.ground_name) == expected
