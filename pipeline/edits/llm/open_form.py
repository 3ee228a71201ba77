"""From words that a model wrote to a proposal on tokens: code finds the span, not the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.apply.verify import is_form_of
from pipeline.edits.gate.language import name_in
from pipeline.edits.lexicon.gate_words import load_gate_words
from pipeline.edits.llm.answers import (
    AnswerError,
    EditEntry,
    RepairEntry,
    bare_words,
    clean_phrase,
    straight,
)

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

    Words that `old` and `new` share are left out of the edit. Words that only follow the
    decisive ones in number or form are repairs, and so is an article before them.

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
    old, new = _fitted(doc, entry.old, entry.new)
    start, end = find_span(doc, old)
    if kind is EditKind.SWAP:
        return _swap(doc, (start, end), find_span(doc, new), rule=rule, weight=weight)
    name = name_in(new, doc.text, begins=start == 0)
    if name is not None:
        raise AnswerError(name.reason, name.detail)
    decisive, repairs = _split(doc, (start, end), new)
    if decisive is None:
        raise AnswerError("llm.no_change", f"{old!r} → {new!r} changes nothing")
    taken = set(range(decisive.start, decisive.end))
    for asked in entry.repairs:
        for piece in _repairs(doc, asked):
            if taken.isdisjoint(range(piece.start, piece.end)):
                repairs.append(piece)
                taken |= set(range(piece.start, piece.end))
    taken |= {token for piece in repairs for token in range(piece.start, piece.end)}
    articles = [p for p in _article(doc, decisive) if taken.isdisjoint(range(p.start, p.end))]
    return Proposal(
        kind,
        SUBKIND,
        tuple(sorted((*articles, *repairs, decisive), key=lambda piece: piece.start)),
        old=doc[decisive.start : decisive.end].text,
        new=decisive.text,
        rule=rule,
        weight=weight,
    )


def _split(doc: Doc, span: tuple[int, int], new: str) -> tuple[TokenPiece | None, list[TokenPiece]]:
    """The decisive piece of an edit, and pieces in its span that only follow it."""
    pieces = list(_differences(doc, span, new.split()))
    repairs = [piece for piece in pieces if _is_form(doc, piece)]
    decisive = [piece for piece in pieces if piece not in repairs]
    if not decisive:
        # "a dog" → "an dog", "kitten" → "kittens": the form is all that changes.
        decisive, repairs = repairs, []
    if not decisive:
        return None, []
    start, end = decisive[0].start, decisive[-1].end
    if len(decisive) > 1:
        text = _between(doc, pieces, start, end)
        merged = TokenPiece(start, end, text)
        return merged, [
            replace(p, role=Role.REPAIR) for p in repairs if p.end <= start or p.start >= end
        ]
    one = decisive[0]
    if one.start == one.end and one.end < span[1] and not _denies(one.text):
        # "two" before "baby girls": the word behind it says what it is about.
        one = TokenPiece(one.start, one.end + 1, f"{one.text} {doc[one.end].text}")
        repairs = [piece for piece in repairs if piece.start >= one.end]
    if one.start == 0 and doc[0].text[:1].isupper():
        one = replace(one, text=one.text[:1].upper() + one.text[1:])
    return one, [replace(piece, role=Role.REPAIR) for piece in repairs]


def _denies(text: str) -> bool:
    return not load_gate_words().negators.isdisjoint(text.lower().split())


def _differences(doc: Doc, span: tuple[int, int], new: list[str]) -> Iterator[TokenPiece]:
    """Where the words of a span and new ones differ; neighbours that differ are one piece."""
    words = _words(doc, *span)
    old = [doc[start:end].text.lower() for start, end in words]
    matcher = SequenceMatcher(None, old, [word.lower() for word in new], autojunk=False)
    for action, i1, i2, j1, j2 in matcher.get_opcodes():
        if action == "equal":
            continue
        start = words[i1][0] if i1 < len(words) else span[1]
        end = words[i2 - 1][1] if i2 > i1 else start
        if i2 - i1 != j2 - j1:
            forms = _trailing_forms(doc, words[i1:i2], new[j1:j2])
            cut_old, cut_new = i2 - len(forms), j2 - len(forms)
            if cut_old > i1 or cut_new > j1:
                end = words[cut_old - 1][1] if cut_old > i1 else start
                yield TokenPiece(start, end, " ".join(new[j1:cut_new]))
            yield from forms
            continue
        run: list[tuple[int, int]] = []
        for offset in range(i2 - i1):
            first, last = words[i1 + offset]
            piece = TokenPiece(first, last, new[j1 + offset])
            if _is_form(doc, piece):
                yield from _joined(words, new, i1, j1, run)
                run = []
                yield piece
            else:
                run.append((i1 + offset, j1 + offset))
        yield from _joined(words, new, i1, j1, run)


def _joined(
    words: list[tuple[int, int]], new: list[str], i1: int, j1: int, run: list[tuple[int, int]]
) -> Iterator[TokenPiece]:
    if run:
        text = " ".join(new[run[0][1] : run[-1][1] + 1])
        yield TokenPiece(words[run[0][0]][0], words[run[-1][0]][1], text)


def _trailing_forms(doc: Doc, old: list[tuple[int, int]], new: list[str]) -> list[TokenPiece]:
    """Words at the end of both that are forms of one: "boat" and "boats" in "two boats"."""
    forms: list[TokenPiece] = []
    if len(new) < len(old):
        return forms
    for (start, end), word in zip(reversed(old), reversed(new), strict=False):
        piece = TokenPiece(start, end, word)
        if not _is_form(doc, piece) or len(forms) + 1 == len(new):
            break
        forms.insert(0, piece)
    return forms if len(forms) < len(old) else []


def _is_form(doc: Doc, piece: TokenPiece) -> bool:
    """Whether a piece only puts a word into another form, as grammar may demand."""
    return is_form_of(doc[piece.start : piece.end].text.lower(), piece.text.lower())


def _between(doc: Doc, pieces: list[TokenPiece], start: int, end: int) -> str:
    """The text of a span with all its pieces put in."""
    parts: list[str] = []
    at = start
    for piece in pieces:
        if piece.start < start or piece.end > end:
            continue
        parts += [doc[at : piece.start].text, piece.text]
        at = piece.end
    return " ".join(part for part in (*parts, doc[at:end].text) if part)


def _words(doc: Doc, start: int, end: int) -> list[tuple[int, int]]:
    """The tokens of a span, those of one written word together."""
    words: list[tuple[int, int]] = []
    first = start
    for token in range(start, end):
        if doc[token].whitespace_ or token + 1 == end:
            words.append((first, token + 1))
            first = token + 1
    return words


def _repairs(doc: Doc, entry: RepairEntry) -> Iterator[TokenPiece]:
    old, new = _fitted(doc, entry.old, entry.new)
    if not old or old.lower() == new.lower():
        return
    for piece in _differences(doc, find_span(doc, old), new.split()):
        yield replace(piece, role=Role.REPAIR)


def _fitted(doc: Doc, old: str, new: str) -> tuple[str, str]:
    """Old and new words without quotes around them and marks behind, in the caption's letters."""
    old, new = clean_phrase(old), clean_phrase(new)
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
