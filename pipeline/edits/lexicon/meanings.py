"""What means the same as words of the lexicon: an extract of WordNet that is always there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal

from pydantic import BeforeValidator

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.files import Table, lexicon_fingerprint, load_lexicon_file
from pipeline.edits.lexicon.inflection import singular_of, verb_lemma

PartOfSpeech = Literal["noun", "verb", "adj"]


def _levels(text: object) -> object:
    return [level.split(", ") for level in text.split(" / ")] if isinstance(text, str) else text


def _listed(text: object) -> object:
    return text.split(", ") if isinstance(text, str) else text


Levels = Annotated[tuple[frozenset[str], ...], BeforeValidator(_levels)]


class MeaningTable(Table):
    """The content of meanings.toml.

    Attributes:
        above: Part of speech → word → words of its senses, then of those above, level by level.
        akin: Noun → nouns that look like it and are the same, or a kind of it, or the reverse.
    """

    above: Mapping[PartOfSpeech, Mapping[str, Levels]]
    akin: Mapping[str, Annotated[frozenset[str], BeforeValidator(_listed)]]


class KnownMeanings:
    """Answers as WordNet does, as far as one of the two words is in the lexicon."""

    @property
    def fingerprint(self) -> str:
        """Name of the lexicon's content."""
        return lexicon_fingerprint()

    def relation(
        self, old: str, new: str, part: PartOfSpeech, /, *, any_sense: bool = False
    ) -> str | None:
        """How `new` is akin to `old`: "synonym", "hypernym", "hyponym"; None if it is not."""
        table = load_meanings()
        first, second = _lemma(old, part), _lemma(new, part)
        if any_sense and part == "noun" and second in table.akin.get(first, frozenset()):
            return "synonym"
        for one, other, more in ((first, second, "hypernym"), (second, first, "hyponym")):
            levels = table.above[part].get(one, ())
            if levels and (other in levels[0] or (part == "adj" and _among(other, levels))):
                return "synonym"
            if _among(other, levels[1:]):
                return more
        return None


def _among(word: str, levels: tuple[frozenset[str], ...]) -> bool:
    return any(word in level for level in levels)


def _lemma(text: str, part: PartOfSpeech) -> str:
    word = text.lower()
    if part == "verb":
        return verb_lemma(word, "VBG")
    if part == "adj":
        return word
    entry = load_lexicon().nouns.forms.get(word)
    return entry[0].lemma if entry else singular_of(word)


@cache
def load_meanings() -> MeaningTable:
    """Read meanings.toml once."""
    return load_lexicon_file("meanings", MeaningTable)
