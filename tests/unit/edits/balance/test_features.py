"""The features of an edit have a sign, and the reverse of an edit has the other one."""

from __future__ import annotations

import pytest

from pipeline.core.records import CaptionEdit, EditKind, Replacement
from pipeline.edits.balance.features import features_of

PAIRS = [
    (EditKind.OBJECT, "a dog on a rug", "a cat on a rug", "dog", "cat"),
    (EditKind.ATTRIBUTE, "White sand.", "Golden sand.", "white", "golden"),
    (EditKind.COUNT, "a boat on a lake", "boats on a lake", "a boat", "boats"),
    (EditKind.COUNT, "two dogs run", "a single dog runs", "two dogs", "a single dog"),
    (EditKind.RELATION, "a cat on a table", "a cat next to a table", "on", "next to"),
    (EditKind.NEGATION, "a man sitting", "a man not sitting", "sitting", "not sitting"),
]


def edit_of(kind: EditKind, factual: str, caption: str, old: str, new: str) -> CaptionEdit:
    return CaptionEdit(
        kind, "x", factual, (Replacement(0, len(factual), factual, caption),), old, new
    )


@pytest.mark.parametrize(("kind", "factual", "caption", "old", "new"), PAIRS)
def test_the_reverse_has_the_other_sign(
    kind: EditKind, factual: str, caption: str, old: str, new: str
) -> None:
    there = features_of(edit_of(kind, factual, caption, old, new))
    back = features_of(edit_of(kind, caption, factual, new, old))
    assert len(there) >= 3
    assert back == {name: -value for name, value in there.items()}


def test_words_and_the_pairs_that_they_are_in_are_counted() -> None:
    found = features_of(edit_of(*PAIRS[0]))
    assert found == {
        "dog": -1, "a dog": -1, "dog on": -1, "cat": 1, "a cat": 1, "cat on": 1, "cat|dog": -1,
    }  # fmt: skip


def test_an_insertion_has_a_length_and_the_pairs_around_it() -> None:
    found = features_of(edit_of(*PAIRS[5]))
    assert found["#words"] == 1
    assert found["#characters"] == 4 / 20
    assert (found["man not"], found["not sitting"], found["man sitting"]) == (1, 1, -1)
    assert "sitting" not in found, "it stands on both sides"


@pytest.mark.parametrize(
    ("old", "new", "said", "plural"),
    [
        ("a boat", "boats", ("#a", "#some"), 1),
        ("boat", "boats", ("#bare", "#some"), 1),
        ("boats", "an old boat", ("#some", "#a"), -1),
        ("dog", "two dogs", ("#bare", "#two"), 1),
        ("two dogs", "five dogs", ("#two", "#five"), 0),
        ("a single dog", "dogs", ("#a single", "#some"), 1),
    ],
)
def test_numbers_are_told_apart_whatever_the_noun(
    old: str, new: str, said: tuple[str, str], plural: int
) -> None:
    found = features_of(edit_of(EditKind.COUNT, f"{old} here", f"{new} here", old, new))
    there = 1.0 if said[0] < said[1] else -1.0
    assert found["|".join(sorted(said))] == there
    assert found.get("#plural", 0) == plural
