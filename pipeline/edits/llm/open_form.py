"""From words that a model wrote to a proposal on tokens: code finds the span, not the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.llm.answers import AnswerError, EditEntry, bare_words, clean_phrase, straight

if TYPE_CHECKING:
    from spacy.tokens import Doc

ARTICLES = frozenset({"a", "an"})
SUBKIND = "open"


def find_span(doc: Doc, words: str) -> tuple[int, int]:
    """Find words in a caption: the tokens [start, end), whatever the case.

    Raises:
        AnswerError: `llm.span_not_found` where they do not stand there as whole tokens,
            `llm.span_ambiguous` where they stand there twice.
    """
    wanted, text = straight(words).lower(), straight(doc.text)
    found: list[tuple[int, int]] = []
    for token in doc:
        end = token.idx + len(words)
        if wanted and text[token.idx : end].lower() == wanted:
            span = doc.char_span(token.idx, end)
            if span is not None:
                found.append((span.start, span.end))
    if not found:
        raise AnswerError("llm.span_not_found", f"{words!r} does not stand in the caption")
    if len(found) > 1:
        raise AnswerError("llm.span_ambiguous", f"{words!r} stands in the caption twice")
    return found[0]


def propose(doc: Doc, entry: EditEntry, *, rule: str, weight: float = 1.0) -> Proposal:
    """Turn one answer into a proposal; the stage still verifies it.

    Words that `old` and `new` share at either end are left out of the edit. An article
    before it, or at its start, follows its sound as a repair.

    Args:
        doc: The parsed caption.
        entry: What the model wrote; nothing of it is trusted.
        rule: Prompt version, for provenance.
        weight: See :class:`Proposal`.

    Raises:
        AnswerError: The span is not there or not unique, the words are not plain, or
            nothing changes.
    """
    kind = EditKind(entry.kind)
    old, new = _fitted(doc, entry)
    start, end = find_span(doc, old)
    if kind is EditKind.SWAP:
        return _swap(doc, (start, end), find_span(doc, new), rule=rule, weight=weight)
    words = new.split()
    starts_caption = start == 0 and doc[0].text[:1].isupper()
    while start < end and words and doc[start].lower_ == words[0].lower():
        start, words = start + 1, words[1:]
    while start < end and words and doc[end - 1].lower_ == words[-1].lower():
        end, words = end - 1, words[:-1]
    if end - start > 1 and len(words) > 1 and {doc[start].lower_, words[0].lower()} <= ARTICLES:
        start, words = start + 1, words[1:]
    if start == end and not words:
        raise AnswerError("llm.no_change", f"{old!r} → {new!r} changes nothing")
    text = " ".join(words)
    if starts_caption and start == 0:
        text = text[:1].upper() + text[1:]
    piece = TokenPiece(start, end, text)
    return Proposal(
        kind,
        SUBKIND,
        (*_article(doc, piece), piece),
        old=doc[start:end].text,
        new=text,
        rule=rule,
        weight=weight,
    )


def _fitted(doc: Doc, entry: EditEntry) -> tuple[str, str]:
    """Old and new words without quotes around them and marks behind, in the caption's letters."""
    old, new = clean_phrase(entry.old), clean_phrase(entry.new)
    bare = bare_words(old)
    if bare and straight(bare).lower() in straight(doc.text).lower():
        old, new = bare, bare_words(new)
    if straight(doc.text) == doc.text:
        new = straight(new)
    elif "’" in doc.text:
        new = new.replace("'", "’")
    return old, new


def _article(doc: Doc, piece: TokenPiece) -> Iterator[TokenPiece]:
    """Repair of "a" or "an" right before a piece whose first word sounds otherwise."""
    before = piece.start - 1
    following = piece.text or (doc[piece.end].text if piece.end < len(doc) else "")
    if before < 0 or doc[before].lower_ not in ARTICLES or not following:
        return
    article = article_for(following.split()[0])
    if article != doc[before].lower_:
        text = article.capitalize() if doc[before].text[:1].isupper() else article
        yield TokenPiece(before, piece.start, text, Role.REPAIR)


def _swap(
    doc: Doc, one: tuple[int, int], two: tuple[int, int], *, rule: str, weight: float
) -> Proposal:
    first, second = sorted((one, two))
    if first[1] > second[0]:
        raise AnswerError("llm.span_overlap", "the two phrases of a swap overlap")
    left, right = doc[slice(*first)].text, doc[slice(*second)].text
    if left.lower() == right.lower():
        raise AnswerError("llm.no_change", f"a swap of {left!r} with itself changes nothing")
    swapped = (TokenPiece(*first, right), TokenPiece(*second, left))
    pieces = tuple(part for piece in swapped for part in (*_article(doc, piece), piece))
    return Proposal(EditKind.SWAP, SUBKIND, pieces, old=left, new=right, rule=rule, weight=weight)
