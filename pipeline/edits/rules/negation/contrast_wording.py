"""The wording that denies what is not there, and its exchange with what is."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.case import lower_beginning
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.parse.word_tree import WordTree

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab


T = TypeVar("T")
ARTICLES = frozenset({"a", "an", "the"})


@dataclass(frozen=True, slots=True)
class Link:
    """How the denied phrase is joined: words before it, and whether commas enclose it."""

    words: tuple[str, ...]
    commas: bool


NOT = Link(("not",), commas=True)
RATHER = Link(("rather", "than"), commas=False)
INSTEAD = Link(("instead", "of"), commas=False)


def compose(
    rule: str,
    words: WordTree,
    at: int,
    link: Link,
    denied: Sequence[str],
    exchanged: tuple[int, int],
    offset: int,
    what: str,
    *,
    width: int = 1,
) -> Proposal:
    """Put the denied words behind token `at - 1`, and exchange them with words of the caption.

    Args:
        rule: Name of the rule, for provenance.
        words: The caption.
        at: Word before which the denied phrase goes.
        link: How it is joined.
        denied: Its words.
        exchanged: Tokens of the caption whose words change place with them.
        offset: Where the exchanged word starts in `denied`.
        what: Sort of contrast, for the tables.
        width: Number of exchanged words in `denied`.
    """
    enclosed = link.commas and at < len(words) and not words[at].is_punct
    insert = [
        *([","] if link.commas else []),
        *link.words,
        *denied,
        *([","] if enclosed else []),
    ]
    wording = with_words(
        words.vocab, [word.text for word in words], [word.space for word in words], at, insert
    )
    start = at + link.commas + len(link.words) + offset
    old = wording[exchanged[0] : exchanged[1]].text
    new = wording[start : start + width].text
    pieces = [
        TokenPiece(exchanged[0], exchanged[1], new),
        TokenPiece(start, start + width, lower_beginning(old) if exchanged[0] == 0 else old),
        *article_repairs(wording, exchanged[0], new),
        *article_repairs(wording, start, old),
    ]
    return Proposal(
        EditKind.NEGATION,
        "both_sides",
        tuple(sorted(pieces, key=lambda piece: piece.start)),
        old=f"{old}, not {new}".lower(),
        new=f"{new}, not {old}".lower(),
        rule=f"{rule}.{what}",
        wording=wording,
        place=exchanged,
    )


def with_words(
    vocab: Vocab, texts: list[str], spaces: list[bool], at: int, insert: list[str]
) -> Doc:
    """A text with words put behind token `at - 1`; their commas cling to what is before them."""
    from spacy.tokens import Doc

    gaps = [following != "," for following in insert[1:]] + [spaces[at - 1]]
    before = [*spaces[: at - 1], insert[0] != ","]
    return Doc(vocab, words=texts[:at] + insert + texts[at:], spaces=before + gaps + spaces[at:])


def article_repairs(wording: Doc, noun: int, new: str) -> list[TokenPiece]:
    """Repair of the article right before an exchanged word."""
    before = wording[noun - 1] if noun else None
    if before is None or before.lower_ not in {"a", "an"} or before.lower_ == article_for(new):
        return []
    wanted = article_for(new)
    wanted = wanted.capitalize() if before.text[0].isupper() else wanted
    return [TokenPiece(before.i, before.i + 1, wanted, Role.REPAIR)]


def pick_several(choices: Sequence[T], text: str, count: int) -> Sequence[T]:
    """At most `count` of the choices, the first of them that of :func:`pick`."""
    first = choices.index(pick(choices, text))
    return [*choices[first:], *choices[:first]][:count]


def pick(choices: Sequence[T], text: str) -> T:
    """One of the choices, the same for the same text on every machine."""
    return choices[zlib.crc32(text.encode()) % len(choices)]
