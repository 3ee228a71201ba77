"""The stored edit between two captions of one wording."""

from __future__ import annotations

import random

import pytest

from pipeline.training.world.captions import Piece, WorldCaption
from pipeline.training.world.judge import PAIR_KINDS, draw_pair
from pipeline.training.world.spans import replacements


def caption(*words: str) -> WorldCaption:
    return WorldCaption(tuple(Piece(word) for word in words), (), (0,), places=True)


def test_neighbouring_words_are_one_replacement() -> None:
    found = replacements(
        caption("a", "red", "dog", "near", "a", "cat"),
        caption("an", "old", "dog", "near", "a", "hat"),
    )
    assert [(p.start, p.end, p.old, p.new) for p in found] == [
        (0, 5, "a red", "an old"),
        (17, 20, "cat", "hat"),
    ]


@pytest.mark.parametrize("kind", PAIR_KINDS)
def test_the_replacements_make_the_edited_caption(kind: str) -> None:
    state = random.Random(f"spans {kind}")
    for _ in range(30):
        pair = draw_pair(state, kind)
        found = replacements(pair.caption, pair.edited)
        assert found
        made, last = "", 0
        for piece in found:
            assert pair.caption.text[piece.start : piece.end] == piece.old
            made, last = made + pair.caption.text[last : piece.start] + piece.new, piece.end
        assert made + pair.caption.text[last:] == pair.edited.text


def test_captions_that_are_worded_otherwise_are_refused() -> None:
    with pytest.raises(ValueError, match="not worded alike"):
        replacements(caption("a", "dog"), caption("a", "red", "dog"))
