"""A caption with the pieces of several edits in place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.edits.apply.case import lower_beginning, with_acronyms
from pipeline.edits.apply.proposal import TokenPiece
from pipeline.edits.parse.doc_columns import char_spans, text_of

if TYPE_CHECKING:
    from spacy.tokens import Doc


def write_pieces(doc: Doc, pieces: Iterable[TokenPiece], before: str) -> str:
    """The caption with all pieces in place, `before` standing before it all."""
    text, places = text_of(doc), char_spans(doc)
    position, parts = 0, []
    for piece in sorted(pieces, key=lambda p: (p.start, p.end)):
        put = with_acronyms(text, piece.text)
        if piece.start == piece.end:
            at = places[piece.start][0] if piece.start < len(places) else len(text)
            behind = piece.start and text[at - 1 : at] != " "
            new = f" {put}" if behind else f"{put} "
            parts += [text[position:at], new]
            position = at
        else:
            parts += [text[position : places[piece.start][0]], put]
            position = places[piece.end - 1][1]
    caption = "".join([*parts, text[position:]])
    if text[:1].isupper():
        if parts and not parts[0] and len(parts) > 1 and parts[1].endswith(" "):
            # An insertion stands first: the word behind it gives its capital away.
            shift = len(parts[1])
            caption = caption[:shift] + lower_beginning(caption[shift:])
        caption = caption[:1].upper() + caption[1:]
    if not before:
        return caption
    if caption[:1].isupper() and text[:1].isupper():
        before, caption = before[:1].upper() + before[1:], lower_beginning(caption)
    return f"{before}, {caption}"
