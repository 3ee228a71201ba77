"""What a caption states, as phrases that can be looked for in a picture one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pipeline.edits.parse import Parser

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

MOST_FACTS: Final = 8
"""Facts of one caption; more would make a question long and its answers careless."""

MEDIA: Final = frozenset({"picture", "photo", "image", "drawing", "illustration", "view", "video"})
"""Nouns that name the picture itself: nothing in it to look for."""


class SpacyFacts:
    """Noun phrases with their qualities and numbers, and what stands in which relation.

    "two red birds on a car" states "two red birds", "a car", "two red birds on a car".
    """

    def __init__(self, parser: Parser) -> None:
        self._parser = parser

    def facts(self, captions: Sequence[str], /) -> list[tuple[str, ...]]:
        """The facts of each caption, at most :data:`MOST_FACTS`; none where nothing is named."""
        return [_facts(doc) for doc in self._parser.parse(captions)]


def _facts(doc: Doc) -> tuple[str, ...]:
    chunks = {chunk.root.i: chunk for chunk in doc.noun_chunks if _is_shown(chunk)}
    phrases = [chunk.text for chunk in chunks.values()]
    relations = [fact for chunk in chunks.values() for fact in _relations(chunk, chunks)]
    return tuple(dict.fromkeys([*phrases, *relations]))[:MOST_FACTS]


def _is_shown(chunk: Span) -> bool:
    """Whether a phrase names a thing: no pronoun, no number alone, not the picture itself."""
    return chunk.root.pos_ in {"NOUN", "PROPN"} and chunk.root.lemma_.lower() not in MEDIA


def _relations(chunk: Span, chunks: dict[int, Span]) -> Iterator[str]:
    """The phrase with each other one that hangs on it by a preposition."""
    for preposition in chunk.root.rights:
        if preposition.dep_ == "prep" and preposition.lower_ != "of":
            for thing in _objects(preposition):
                if thing.i in chunks:
                    yield f"{chunk.text} {_between(preposition, thing, chunks)}"


def _objects(preposition: Token) -> Iterator[Token]:
    for child in preposition.rights:
        if child.dep_ == "pobj":
            yield child


def _between(preposition: Token, thing: Token, chunks: dict[int, Span]) -> str:
    span = preposition.doc[preposition.i : chunks[thing.i].end]
    return str(span.text)
