"""The wording that denies what is not there, and its exchange with what is."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.case import lower_beginning
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece

if TYPE_CHECKING:
    from spacy.tokens import Doc

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Link:
    """How the denied phrase is joined: words before it, and whether commas enclose it."""

    words: tuple[str, ...]
    commas: bool


NOT = Link(("not",), commas=True)
RATHER = Link(("rather", "than"), commas=False)
INSTEAD = Link(("instead", "of"), commas=False)


@dataclass(frozen=True, slots=True)
class Contrast:
    """An edit whose new words can be denied beside the old ones.

    Attributes:
        what: Sort of contrast, for the tables.
        proposal: The edit.
        at: Word of its wording before which the denied phrase goes.
        link: How that is joined.
        before: Words of the denied phrase before the denied ones: "on a".
    """

    what: str
    proposal: Proposal
    at: int
    link: Link = NOT
    before: tuple[str, ...] = ()

    @property
    def edit(self) -> TokenPiece:
        """What changes, without the repairs."""
        return next(piece for piece in self.proposal.pieces if piece.role is Role.EDIT)


def composed(contrast: Contrast, doc: Doc, rule: str) -> Proposal:
    """Put the denied phrase into the wording, and exchange its words with those of the caption.

    Args:
        contrast: What is denied, and where.
        doc: The caption.
        rule: Name of the rule, for provenance.
    """
    proposal, edit, at, link = contrast.proposal, contrast.edit, contrast.at, contrast.link
    said = doc if proposal.wording is None else proposal.wording
    enclosed = link.commas and at < len(said) and not said[at].is_punct
    new = edit.text.lower() if edit.start == 0 else edit.text
    denied = [*contrast.before, *new.split()]
    insert = [*[","][: link.commas], *link.words, *denied, *[","][:enclosed]]
    wording = _with_words(said, at, insert)
    start = at + link.commas + len(link.words) + len(contrast.before)
    end = start + len(new.split())
    old = said[edit.start : edit.end].text
    pieces = [
        replace(piece, start=piece.start + len(insert), end=piece.end + len(insert))
        if piece.start >= at
        else piece
        for piece in proposal.pieces
    ]
    pieces.append(TokenPiece(start, end, lower_beginning(old) if edit.start == 0 else old))
    if contrast.before and contrast.before[-1] in {"a", "an"}:
        pieces += _article_repair(start - 1, contrast.before[-1], old)
    old = old.lower()
    return Proposal(
        EditKind.NEGATION,
        "both_sides",
        tuple(sorted(pieces, key=lambda piece: piece.start)),
        old=f"{old}, not {new}".lower(),
        new=f"{new}, not {old}".lower(),
        rule=f"{rule}.{contrast.what}",
        wording=wording,
        place=proposal.place or (edit.start, edit.end),
    )


def _with_words(doc: Doc, at: int, insert: list[str]) -> Doc:
    """A text with words put behind token `at - 1`; their commas cling to what is before them."""
    from spacy.tokens import Doc as SpacyDoc

    texts = [token.text for token in doc]
    spaces = [bool(token.whitespace_) for token in doc]
    gaps = [following != "," for following in insert[1:]] + [spaces[at - 1]]
    before = [*spaces[: at - 1], insert[0] != ","]
    return SpacyDoc(
        doc.vocab, words=texts[:at] + insert + texts[at:], spaces=before + gaps + spaces[at:]
    )


def _article_repair(token: int, article: str, noun: str) -> list[TokenPiece]:
    wanted = article_for(noun)
    return [] if wanted == article else [TokenPiece(token, token + 1, wanted, Role.REPAIR)]


def pick_several(choices: Sequence[T], text: str, count: int) -> Sequence[T]:
    """At most `count` of the choices, the first of them that of :func:`pick`."""
    first = choices.index(pick(choices, text))
    return [*choices[first:], *choices[:first]][:count]


def pick(choices: Sequence[T], text: str) -> T:
    """One of the choices, the same for the same text on every machine."""
    return choices[zlib.crc32(text.encode()) % len(choices)]
