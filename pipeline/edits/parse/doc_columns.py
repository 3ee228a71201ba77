"""Columns of a spaCy doc as plain tuples, for all of its tokens at once.

Reading an attribute of a spaCy token makes the token anew, which costs far more than a whole
column read by `to_array`; the strings behind its numbers are looked up once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.strings import StringStore
    from spacy.tokens import Doc

Strings = tuple[str, ...]
CharSpans = tuple[tuple[int, int], ...]
COLUMNS: list[int | str] = [
    "TAG", "POS", "DEP", "LEMMA", "HEAD", "IDX", "LENGTH", "IS_PUNCT",
]  # fmt: skip
TEXT = "counterfactory.text"
CHAR_SPANS = "counterfactory.char_spans"
UNSIGNED = 2**64 - 1
"""spaCy's numbers for strings are unsigned; the columns are read as signed for the heads."""

MOST_REMEMBERED = 100_000
"""Lemmas kept at hand; then they are asked of spaCy's table anew."""

LABELS: dict[int, str] = {}
LEMMAS: dict[int, str] = {}
VERB_LEMMAS = {
    "riding": "ride", "rides": "ride", "staring": "stare", "bathing": "bathe", "bathed": "bathe",
    "wading": "wade", "waded": "wade",
}  # fmt: skip
"""Verbs that the lemmatiser gets wrong: it makes "rid" of "riding"."""


def text_of(doc: Doc) -> str:
    """The doc's text, worked out once: spaCy builds it from its tokens at every call."""
    kept = doc.user_data.get(TEXT)
    if isinstance(kept, str):
        return kept
    text: str = doc.text
    doc.user_data[TEXT] = text
    return text


def keep_text(doc: Doc, text: str) -> None:
    """Spare :func:`text_of` the work for a doc parsed from `text`."""
    doc.user_data[TEXT] = text


def char_spans(doc: Doc) -> CharSpans:
    """Half-open character span of each token, worked out once and without making Tokens."""
    kept = doc.user_data.get(CHAR_SPANS)
    if isinstance(kept, tuple):
        return kept
    rows = doc.to_array(["IDX", "LENGTH"]).tolist()
    spans = doc.user_data[CHAR_SPANS] = tuple([(start, start + length) for start, length in rows])
    return spans


def label_strings(row: list[int], known: StringStore) -> Strings:
    """Tags or labels of a column's numbers; a number means the same string in every doc."""
    try:
        return tuple([LABELS[number] for number in row])
    except KeyError:
        LABELS.update((number, known[number & UNSIGNED]) for number in row)
        return tuple([LABELS[number] for number in row])


def lemma_strings(row: list[int], known: StringStore) -> Strings:
    """Lower-case lemmas of a column's numbers."""
    try:
        return tuple([LEMMAS[number] for number in row])
    except KeyError:
        if len(LEMMAS) > MOST_REMEMBERED:
            LEMMAS.clear()
        LEMMAS.update((number, known[number & UNSIGNED].lower()) for number in row)
        return tuple([LEMMAS[number] for number in row])


def with_verb_lemmas(lower: Strings, lemmas: Strings) -> Strings:
    """Lemmas, with verbs corrected that the lemmatiser gets wrong."""
    if VERB_LEMMAS.keys().isdisjoint(lower):
        return lemmas
    return tuple([VERB_LEMMAS.get(word, lemma) for word, lemma in zip(lower, lemmas, strict=True)])
