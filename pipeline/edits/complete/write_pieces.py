"""A caption with the pieces of several edits in place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from pipeline.edits.apply.case import lower_beginning, with_acronyms
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import TokenPiece
from pipeline.edits.parse.doc_columns import char_spans, text_of

if TYPE_CHECKING:
    from spacy.tokens import Doc

_ARTICLE: Final = re.compile(r"\b(an?) (?=(\w[\w-]*))", re.IGNORECASE)


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
    caption = _with_articles("".join([*parts, text[position:]]), text)
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


def _with_articles(caption: str, before: str) -> str:
    """The caption with `a` and `an` as the words behind them ask, where either is new.

    One edit brings the article, and another the word that comes to stand behind it.
    """

    def right(found: re.Match[str]) -> str:
        article, word = found.groups()
        asked = article_for(word)
        if article.lower() == asked or f" {article} {word}".lower() in f" {before}".lower():
            return found[0]
        return f"{asked.capitalize() if article[0].isupper() else asked} "

    return _ARTICLE.sub(right, caption)
