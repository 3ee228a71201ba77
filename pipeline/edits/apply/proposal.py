"""A proposed edit on tokens, and its exact application to the text.

Rules and language models only *propose*; this module *applies*. Every span is by token,
never by string search, so "man" inside "woman" cannot be touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from pipeline.core.records import CaptionEdit, EditKind, Replacement, Role
from pipeline.edits.apply.case import in_case_of
from pipeline.edits.parse.doc_columns import char_spans, text_of

if TYPE_CHECKING:
    from spacy.tokens import Doc


@dataclass(frozen=True, slots=True)
class TokenPiece:
    """Put `text` in the place of the tokens [start, end) of a doc.

    Attributes:
        start: First replaced token; with `end == start` the text is inserted before it.
        end: Behind the last replaced token.
        text: New text; empty to delete. Without surrounding spaces: :func:`apply` sees to
            the spacing, also around insertions and deletions.
        role: EDIT for the decisive change, REPAIR for grammar that it demands.
    """

    start: int
    end: int
    text: str
    role: Role = Role.EDIT


@dataclass(frozen=True, slots=True)
class Proposal:
    """One possible edit of one wording, before repair and checks.

    Attributes:
        kind: What it changes.
        subkind: Finer label, such as "colour".
        pieces: Decisive pieces (one, or two for swaps), and repairs the rule already knows.
        old: The decisive words of the factual wording, for tables and balance.
        new: Their counterpart.
        rule: Name of the rule.
        wording: The doc that `pieces` index where the proposal carries its own factual
            wording; None when that is the anchor's caption.
        place: Half-open tokens of the anchor's caption that the proposal is about, where its
            pieces do not say so: it has a wording of its own, or changes more than the place.
        weight: How much a draw among proposals favours this one; > 0.
        share: Part of such proposals that is wanted, in (0, 1]: below 1 where a rule fits very
            many captions and would prevail.
    """

    kind: EditKind
    subkind: str
    pieces: tuple[TokenPiece, ...]
    old: str
    new: str
    rule: str
    wording: Doc | None = None
    place: tuple[int, int] | None = None
    weight: float = 1.0
    share: float = 1.0


class Rule(Protocol):
    """Finds edits of one kind in a parsed caption."""

    @property
    def name(self) -> str:
        """Stable name, kept in every sample as provenance."""
        ...

    @property
    def kind(self) -> EditKind:
        """The one kind that it proposes."""
        ...

    def propose(self, doc: Doc) -> Iterable[Proposal]:
        """Yield every edit that the rule stands behind, in the order of the text."""
        ...


def apply(doc: Doc, proposal: Proposal, *, proposer: str = "rules") -> CaptionEdit:
    """Apply a proposal exactly at its tokens, as :func:`place` does.

    Raises:
        ValueError: Pieces overlap, are out of range or change nothing.
    """
    wording = proposal.wording if proposal.wording is not None else doc
    return CaptionEdit(
        kind=proposal.kind,
        subkind=proposal.subkind,
        factual=text_of(wording),
        replacements=place(wording, proposal.pieces, exchange=proposal.kind in EXCHANGING),
        old=proposal.old,
        new=proposal.new,
        proposer=proposer,
        rule=proposal.rule,
    )


def place(
    wording: Doc, pieces: Iterable[TokenPiece], *, exchange: bool = False
) -> tuple[Replacement, ...]:
    """Pieces on tokens as replacements of characters.

    Spaces: a replaced span keeps the space behind it; an insertion brings one space of
    its own (none where it clings to the word before it, as "n't" and ", not" do); a
    deletion takes one space with it. A caption that begins with a capital still does.

    Args:
        wording: What the pieces index.
        pieces: In any order.
        exchange: Whether the decisive words were there before and keep their letters.

    Raises:
        ValueError: A piece is out of range.
    """
    text = text_of(wording)
    replacements: list[Replacement] = []
    for piece in sorted(pieces, key=lambda p: (p.start, p.end)):
        if not 0 <= piece.start <= piece.end <= len(wording):
            raise ValueError(f"tokens {piece.start}:{piece.end} are outside {text!r}")
        start, end = _characters(wording, piece)
        new = piece.text
        if piece.start == piece.end:
            if _clings(new):
                start = end = _end_of_previous(wording, piece.start)
            else:
                new = f" {new}" if start == len(text) else f"{new} "
        elif not new:
            # One neighbouring space goes with a deleted span, the one behind by choice.
            if text[end : end + 1] == " ":
                end += 1
            elif start and text[start - 1] == " ":
                start -= 1
        if not exchange or piece.role is Role.REPAIR:
            new = in_case_of(text, start, end, new)
        if text[start:end] == new:
            continue
        replacements.append(Replacement(start, end, text[start:end], new, piece.role))
    return _recased(text, replacements)


EXCHANGING = frozenset({EditKind.SWAP, EditKind.CAUSAL_ORDER})
"""Kinds whose words were in the caption before and keep their letters."""

FIRST_WORD = re.compile(r"[^\W\d_]+")


def _recased(text: str, pieces: list[Replacement]) -> tuple[Replacement, ...]:
    """Move the capital of a beginning to what now stands there."""
    first = FIRST_WORD.match(text)
    if not pieces or pieces[0].start or not pieces[0].new or first is None or text[0].islower():
        return tuple(pieces)
    word, lead = first.group(), pieces[0]
    capital = lead.new[0].upper() + lead.new[1:]
    follows = word if word == "I" or not word[1:].islower() and len(word) > 1 else word.lower()
    if lead.end or follows == word:
        return (replace(lead, new=capital), *pieces[1:])
    # An insertion: the word that stood first gives its capital away.
    if len(pieces) > 1 and not pieces[1].start:
        behind = pieces[1]
        behind = replace(behind, new=behind.new[:1].lower() + behind.new[1:])
        return (replace(lead, new=capital), behind, *pieces[2:])
    merged = Replacement(0, len(word), word, capital + follows, lead.role)
    return (merged, *pieces[1:])


def _characters(doc: Doc, piece: TokenPiece) -> tuple[int, int]:
    """Character span of a piece: without the space behind its last token."""
    if piece.start == len(doc):
        return len(text_of(doc)), len(text_of(doc))
    places = char_spans(doc)
    start = places[piece.start][0]
    if piece.start == piece.end:
        return start, start
    return start, places[piece.end - 1][1]


def _clings(text: str) -> bool:
    """Whether an inserted text attaches to the word before it without a space."""
    return text[:1] in {",", "'", "’"} or text[:3] in {"n't", "n’t"}


def _end_of_previous(doc: Doc, token: int) -> int:
    """Offset behind the token before `token`, or the start of the text."""
    return char_spans(doc)[token - 1][1] if token else 0
