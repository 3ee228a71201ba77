"""Captions in capitals or In Title Case: edited in lower case, written as they were.

The parser and the lexicon know words in lower case. So a caption that is all in one of the two
styles is parsed and edited without its capitals, and everything made of it gets them back: an
edit never shows itself by its letters, and neither does another scene.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline.core.records import CaptionEdit
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_lemma

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
SMALL = frozenset(
    {"a", "an", "the", "and", "or", "but", "not", "of", "in", "on", "at", "to", "by", "for",
     "from", "with", "as", "is", "are", "into", "onto", "over", "under", "near", "next", "up",
     "off", "out", "than", "its", "his", "her", "their"}
)  # fmt: skip
"""Words that titles may leave small."""

FEWEST_CAPITALS = 2
"""Words beyond the first that must have one before a caption counts as a title."""

FEWEST_LETTERS = 6
"""Letters of a caption in capitals; fewer may be abbreviations: "US TV"."""

ACRONYM = re.compile(r"\b[A-Z]{2,}s?\b")

LONG_CAPTION, MOSTLY = 6, 0.8
"""Words of a caption that counts as one in capitals though it is not wholly, and their share of
letters."""

EMPHATIC = 4
"""Letters from which a word in capitals is no abbreviation."""


@dataclass(frozen=True, slots=True)
class LetterCase:
    """How the letters of a caption are written.

    Attributes:
        caption: The caption.
        capitals: Whether it is all in capitals; else it is in title case.
    """

    caption: str
    capitals: bool

    @property
    def plain(self) -> str:
        """The caption in lower case, character by character."""
        return "".join(map(_lower, self.caption))

    def written(self, text: str) -> str:
        """A text in the caption's letters: its words keep their spelling, new ones follow."""
        if self.capitals:
            return "".join(map(_upper, text))
        words: list[str] = WORD.findall(self.caption)
        spelt = {word.lower(): word for word in reversed(words[1:])}
        small = any(word.lower() in SMALL and word.islower() for word in words[1:])

        def spell(match: re.Match[str]) -> str:
            low = match.group().lower()
            if low in spelt and (match.start() or low not in SMALL):
                return spelt[low]
            if small and low in SMALL and match.start():
                return low
            return _upper(match.group()[0]) + match.group()[1:]

        return WORD.sub(spell, text)

    def edit(self, edit: CaptionEdit) -> CaptionEdit:
        """An edit of the plain caption, or of another plain wording, in the caption's letters."""
        factual = self.caption if edit.factual == self.plain else self.written(edit.factual)
        whole = self.written(edit.caption)
        pieces = []
        for piece, (start, end) in zip(edit.replacements, edit.caption_spans, strict=True):
            old = factual[piece.start : piece.end]
            pieces.append(replace(piece, old=old, new=whole[start:end]))
        return replace(edit, factual=factual, replacements=tuple(pieces))


def letter_case(caption: str) -> LetterCase | None:
    """The style of a caption; None where it is written as sentences and phrases are."""
    words = WORD.findall(caption)
    if len(words) > 1 and _is_in_capitals(words):
        return LetterCase(caption, capitals=True)
    big = [word for word in words[1:] if word.lower() not in SMALL]
    if len(big) < FEWEST_CAPITALS or not all(word[0].isupper() for word in (words[0], *big)):
        return None
    return LetterCase(caption, capitals=False) if _is_title(words[1:]) else None


def _is_in_capitals(words: list[str]) -> bool:
    """Whether all words are in capitals, but for a few in a longer caption."""
    letters = "".join(words)
    if len(letters) < FEWEST_LETTERS:
        return False
    big = sum(map(str.isupper, letters))
    return letters.isupper() or (len(words) >= LONG_CAPTION and big >= MOSTLY * len(letters))


def plain_text(caption: str) -> str:
    """What is parsed: the caption, or what it says without the capitals of its style."""
    case = letter_case(caption)
    return caption if case is None else case.plain


def _is_title(words: list[str]) -> bool:
    """Whether capitals begin words that only a title gives one: "In", "Riding".

    Where all that have one could be a name, they are taken for it: "Statue of Liberty".
    """
    known = load_lexicon().actions.by_verb
    for word in words:
        low = word.lower()
        if word[0].isupper() and (
            low in SMALL or (low.endswith("ing") and verb_lemma(low, "VBG") in known)
        ):
            return True
    nouns = load_lexicon().nouns.forms
    return all(word.lower() in SMALL or word.lower() in nouns for word in words)


def in_case_of(text: str, start: int, end: int, new: str) -> str:
    """A new text with the capitals of the one in whose place it comes to stand.

    The capital of the caption's beginning is not seen to here.

    Args:
        text: The caption.
        start: Where the replaced text begins.
        end: Where it ends.
        new: What comes to stand there.
    """
    if text.islower():
        return "".join(map(_lower, new))
    new = with_acronyms(text, new)
    words = WORD.findall(text[start:end])[0 if start else 1 :]
    if words and all(word.isupper() for word in words) and max(map(len, words)) >= EMPHATIC:
        return "".join(map(_upper, new))
    # "TV" and "iPhone" say nothing about how a radio is written.
    words = [word for word in words if len(word) == 1 or word[1:].islower()]
    if not words or not all(word[0].isupper() for word in words):
        return new
    return WORD.sub(lambda match: _upper(match.group()[0]) + match.group()[1:], new)


def with_acronyms(text: str, new: str) -> str:
    """A new text whose words have their capitals where the caption writes them so.

    >>> with_acronyms("A TV on a table", "four tvs")
    'four TVs'
    """
    spelt: dict[str, str] = {}
    for word in ACRONYM.findall(text):
        stem = word.removesuffix("s")
        spelt |= {stem.lower(): stem, f"{stem}s".lower(): f"{stem}s"}
    if not spelt or text.isupper():
        return new
    return WORD.sub(lambda match: spelt.get(match.group(), match.group()), new)


def lower_beginning(text: str) -> str:
    """A text without the capital of its beginning; an acronym, a trade name and "I" keep theirs."""
    first = WORD.match(text)
    word = first.group() if first else ""
    if word == "I" or not (len(word) == 1 or word[1:].islower()):
        return text
    return _lower(text[0]) + text[1:]


def _upper(char: str) -> str:
    """Its capital, where that is one character."""
    return char.upper() if len(char.upper()) == 1 else char


def _lower(char: str) -> str:
    return char.lower() if len(char.lower()) == 1 else char
