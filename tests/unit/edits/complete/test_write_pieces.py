"""Pieces of several edits in one caption, with spaces and capitals."""

from __future__ import annotations

import pytest

from pipeline.edits.apply.proposal import TokenPiece
from pipeline.edits.complete.write_pieces import write_pieces


@pytest.mark.parametrize(
    ("text", "pieces", "before", "expected"),
    [
        ("a dog on a mat", [TokenPiece(4, 5, "sofa"), TokenPiece(1, 2, "cat")], "",
         "a cat on a sofa"),
        ("a dog sits", [TokenPiece(3, 3, "in a room")], "", "a dog sits in a room"),
        ("a dog sits.", [TokenPiece(3, 3, "in a room")], "", "a dog sits in a room."),
        ("Dogs run", [TokenPiece(0, 0, "two")], "", "Two dogs run"),
        ("A dog sits", [TokenPiece(1, 2, "cat")], "in a room", "In a room, a cat sits"),
        ("a dog sits", [], "in a room", "in a room, a dog sits"),
        ("two old dogs sit", [TokenPiece(0, 1, "an"), TokenPiece(1, 2, "young"),
                              TokenPiece(2, 3, "dog")], "", "a young dog sit"),
        ("Hawks over a old barn", [TokenPiece(0, 1, "a owl")], "", "An owl over a old barn"),
    ],
)  # fmt: skip
def test_pieces_are_written(
    parse, text: str, pieces: list[TokenPiece], before: str, expected: str
) -> None:
    assert write_pieces(parse(text), pieces, before) == expected
