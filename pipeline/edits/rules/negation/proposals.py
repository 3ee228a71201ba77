"""Negations that are added or taken away at one place."""

from __future__ import annotations

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.parse.word_tree import Word

RULE = "negation"


def negation_proposal(subkind: str, piece: TokenPiece, old: str, new: str) -> Proposal:
    """A negation that is added or taken away at one place."""
    return Proposal(
        EditKind.NEGATION, subkind, (piece,), old.lower(), new.lower(), RULE, weight=3.0
    )


def insert_not(word: Word) -> Proposal:
    """A "not" right before a word."""
    piece = TokenPiece(word.i, word.i, "not")
    return negation_proposal("one_sided", piece, word.text, f"not {word.text}")
