"""The factual wording with "one": "one dog on a beach".

"two dogs" is far less likely than "a dog" and gives itself away; beside "one dog" it does not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.records import Role
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.parse.parsed_caption import ParsedCaption

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

ONE = "one"


def wording_with_one(parsed: ParsedCaption, vocab: Vocab, start: int, end: int) -> Doc | None:
    """The caption with "one" in the place of the tokens [start, end), an article or nothing.

    None where a bare noun opens the caption with a capital, which might be that of a name.
    """
    from spacy.tokens import Doc as SpacyDoc

    texts = [parsed.text[first:last] for first, last in parsed.char_spans]
    begins = [*(first for first, _ in parsed.char_spans[1:]), len(parsed.text)]
    spaces = [last < begin for (_, last), begin in zip(parsed.char_spans, begins, strict=True)]
    replaced = texts[start] if start < end else ""
    if start == end and texts[start][:1].isupper():
        return None
    one = ONE.capitalize() if replaced[:1].isupper() else ONE
    texts[start:end] = [one]
    spaces[start:end] = [True]
    return SpacyDoc(vocab, words=texts, spaces=spaces)


def applied_to_wording_with_one(proposal: Proposal, wording: Doc) -> Proposal:
    """The same edit of the wording that :func:`wording_with_one` made for its place."""
    number = next(piece for piece in proposal.pieces if piece.role is Role.EDIT)
    shift = 1 - (number.end - number.start)

    def moved(piece: TokenPiece) -> TokenPiece:
        if piece is number:
            return replace(piece, end=piece.start + 1)
        if piece.start < number.end:
            return piece
        return replace(piece, start=piece.start + shift, end=piece.end + shift)

    noun = proposal.old.removeprefix("an ").removeprefix("a ")
    return replace(
        proposal,
        pieces=tuple(moved(piece) for piece in proposal.pieces),
        old=f"{ONE} {noun}",
        wording=wording,
        place=(number.start, number.end),
    )
