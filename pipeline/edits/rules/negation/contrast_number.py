"""Wordings that deny another number: "three boats, not five, on a lake"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.rules.count.rule import CountRule
from pipeline.edits.rules.count.words import NUMBERS
from pipeline.edits.rules.negation.contrast_wording import NOT, pick_several, with_words

if TYPE_CHECKING:
    from spacy.tokens import Doc

FOLLOWS = frozenset({"IN", "VBG", "VBZ", "VBP", "VBN", ",", ".", "TO", "WDT", "WP", "RB", ""})
"""Tags behind a noun phrase that has come to its end."""


class NumberContrasts:
    """Composes a number beside the denied one, and exchanges both."""

    def __init__(self, rule: str) -> None:
        """Load the rule on counts.

        Args:
            rule: Name of the rule that asks, for provenance.
        """
        self._counts = CountRule()
        self._rule = rule

    def wordings(self, doc: Doc) -> list[Proposal]:
        """One wording for each other number of the first thing that is counted in words."""
        counted = [p for p in self._counts.propose(doc) if p.old.split()[0] in NUMBERS]
        if not counted or "not" in doc.text:
            return []
        place = counted[0].old
        found = [
            made
            for proposal in counted
            if proposal.old == place and proposal.new.split()[0] in NUMBERS
            for made in self._with_denied_number(doc, proposal)
        ]
        return list(pick_several(found, doc.text, len(found))) if found else []

    def _with_denied_number(self, doc: Doc, proposal: Proposal) -> Iterator[Proposal]:
        wording = proposal.wording if proposal.wording is not None else doc
        number = next(piece for piece in proposal.pieces if piece.role is Role.EDIT)
        if number.end != number.start + 1:
            return
        end = _end_of_noun(wording, number.end, proposal.old.split()[1:])
        if end is None or not _noun_phrase_ends_before(doc, end - (len(wording) - len(doc))):
            return
        last = end == len(wording)
        closed = not last and not wording[end].is_punct
        denied = [",", *NOT.words, number.text.lower(), *([","] if closed else [])]
        at = end + 1 + len(NOT.words)

        def shifted(piece: TokenPiece) -> TokenPiece:
            if piece.start < end:
                return piece
            return replace(piece, start=piece.start + len(denied), end=piece.end + len(denied))

        old, new = wording[number.start].text.lower(), number.text.lower()
        pieces = (*map(shifted, proposal.pieces), TokenPiece(at, at + 1, old))
        yield Proposal(
            EditKind.NEGATION,
            "both_sides",
            tuple(sorted(pieces, key=lambda piece: piece.start)),
            old=f"{old}, not {new}",
            new=f"{new}, not {old}",
            rule=f"{self._rule}.number",
            wording=with_words(
                wording.vocab,
                [token.text for token in wording],
                [bool(token.whitespace_) for token in wording],
                end,
                denied,
            ),
            place=proposal.place or (number.start, number.end),
        )


def _end_of_noun(wording: Doc, start: int, noun: list[str]) -> int | None:
    """Behind the last word of the noun that a number counts."""
    lower = [token.lower_ for token in wording]
    for token in range(start, len(lower) - len(noun) + 1):
        if lower[token : token + len(noun)] == noun:
            return token + len(noun)
    return None


def _noun_phrase_ends_before(doc: Doc, token: int) -> bool:
    """Whether a noun phrase ends before a token of the caption."""
    parsed = parsed_caption(doc)
    if token >= len(parsed):
        return True
    return parsed.tags[token] in FOLLOWS and parsed.lower[token] not in {"of", "old", "per"}
