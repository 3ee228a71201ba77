"""Phrases that no rule touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated

from pydantic import BeforeValidator, Field

from pipeline.edits.lexicon.files import Table
from pipeline.edits.lexicon.inflection import plural_of

PhraseIndex = Mapping[str, tuple[tuple[str, ...], ...]]


def _phrases(text: object) -> object:
    """The phrases of a text, with a bar between any two."""
    if not isinstance(text, str):
        return text
    return [" ".join(phrase.split()) for phrase in text.split("|") if phrase.strip()]


Phrases = Annotated[frozenset[str], BeforeValidator(_phrases)]


class Protected(Table):
    """The content of protected.toml.

    Attributes:
        placeholder_phrases: Stand-ins of Conceptual Captions for names and kinds of things.
        everyday: Those stand-ins that are also everyday words.
        frozen_phrases: Multiword expressions.
        unreal: Nouns that make what stands behind them unreal.
        unseen: Nouns that name no thing of the scene.
    """

    placeholder_phrases: Phrases = Field(alias="placeholders")
    everyday: Phrases
    frozen_phrases: Phrases = Field(alias="frozen")
    unreal: Phrases
    unseen: Phrases

    @cached_property
    def placeholders(self) -> PhraseIndex:
        """Stand-ins by their first word, the longest first."""
        # The plural of a single stand-in is an everyday word: people, cities, films.
        return _index(self.placeholder_phrases, single_plurals=False)

    @cached_property
    def frozen(self) -> PhraseIndex:
        """Multiword expressions by their first word, the longest first."""
        return _index(p for p in self.frozen_phrases if " " in p or "'" in p)

    def find(self, index: PhraseIndex, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Half-open token spans of the phrases of `index`, the longest at each place."""
        known = tuple(words)
        for start, word in enumerate(known):
            phrases = index.get(word)
            if phrases is None:
                continue
            for phrase in phrases:
                end = start + len(phrase)
                if known[start:end] == phrase:
                    yield start, end
                    break


def _index(phrases: Iterable[str], *, single_plurals: bool = True) -> PhraseIndex:
    index: dict[str, set[tuple[str, ...]]] = {}
    for phrase in phrases:
        plural = single_plurals or " " in phrase
        for form in (phrase, plural_of(phrase)) if plural else (phrase,):
            words = tuple(form.replace("'s", " 's").split())
            index.setdefault(words[0], set()).add(words)
    return {word: tuple(sorted(found, key=lambda p: (-len(p), p))) for word, found in index.items()}
