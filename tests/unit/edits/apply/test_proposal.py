"""A proposal is applied exactly at its tokens, with the spaces and capitals that this needs."""

from __future__ import annotations

import pytest
import spacy

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.proposal import Proposal, TokenPiece, apply

NLP = spacy.blank("en")


def caption(text: str, *pieces: TokenPiece) -> str:
    doc = NLP(text)
    edit = apply(doc, Proposal(EditKind.OBJECT, "x", pieces, "old", "new", "test"))
    for (start, end), piece in zip(edit.caption_spans, edit.replacements, strict=True):
        assert edit.factual[piece.start : piece.end] == piece.old
        assert edit.caption[start:end] == piece.new
    return edit.caption


@pytest.mark.parametrize(
    ("text", "piece", "expected"),
    [
        ("a woman and a man", TokenPiece(4, 5, "boy"), "a woman and a boy"),
        ("a man  walks", TokenPiece(1, 2, "dog"), "a dog  walks"),
        ("a dog runs", TokenPiece(1, 1, "red"), "a red dog runs"),
        ("a dog runs", TokenPiece(3, 3, "fast"), "a dog runs fast"),
        ("a dog is here", TokenPiece(3, 3, "n't"), "a dog isn't here"),
        ("a dog, here", TokenPiece(2, 2, ", not a cat"), "a dog, not a cat, here"),
        ("a red dog runs", TokenPiece(1, 2, ""), "a dog runs"),
        ("a dog runs fast", TokenPiece(3, 4, ""), "a dog runs"),
        # A caption that begins with a capital still does, and only there.
        ("Dogs run", TokenPiece(0, 1, "cats"), "Cats run"),
        ("Dogs run", TokenPiece(0, 0, "two"), "Two dogs run"),
        ("TV on a wall", TokenPiece(0, 0, "a"), "A TV on a wall"),
    ],
)
def test_one_piece_changes_its_tokens_alone(text: str, piece: TokenPiece, expected: str) -> None:
    assert caption(text, piece) == expected


def test_pieces_may_come_in_any_order_and_those_that_change_nothing_are_left_out() -> None:
    doc = NLP("a dog is on a mat")
    pieces = (
        TokenPiece(2, 3, "are", Role.REPAIR), TokenPiece(0, 1, "two"),
        TokenPiece(1, 2, "dogs", Role.REPAIR), TokenPiece(5, 6, "mat"),
    )  # fmt: skip
    edit = apply(doc, Proposal(EditKind.COUNT, "number", pieces, "a dog", "two dogs", "test"))
    assert edit.caption == "two dogs are on a mat"
    assert [(r.old, r.new, r.role) for r in edit.replacements] == [
        ("a", "two", Role.EDIT), ("dog", "dogs", Role.REPAIR), ("is", "are", Role.REPAIR),
    ]  # fmt: skip


def test_a_proposal_with_its_own_wording_is_applied_to_that() -> None:
    proposal = Proposal(
        EditKind.SWAP, "x", (TokenPiece(1, 2, "dry"),), "wet", "dry", "t", wording=NLP("a wet mat")
    )
    edit = apply(NLP("rain"), proposal, proposer="llm:m")
    assert (edit.factual, edit.caption, edit.proposer) == ("a wet mat", "a dry mat", "llm:m")


@pytest.mark.parametrize(
    ("pieces", "says"),
    [
        ((TokenPiece(1, 4, "x"),), "tokens 1:4 are outside 'a dog runs'"),
        ((TokenPiece(2, 1, "x"),), "tokens 2:1 are outside"),
        ((TokenPiece(0, 2, "x"), TokenPiece(1, 3, "y", Role.REPAIR)), "overlap"),
        ((TokenPiece(1, 2, "dog"),), "0 decisive replacements"),
        ((TokenPiece(0, 1, "x"), TokenPiece(1, 2, "y")), "2 decisive replacements"),
    ],
)
def test_pieces_that_are_out_of_range_overlap_or_change_nothing_are_errors(
    pieces: tuple[TokenPiece, ...], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        caption("a dog runs", *pieces)
