"""Phrases that no rule touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.edits.lexicon.inflection import plural_of

PhraseIndex = Mapping[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True, slots=True)
class Protected:
    """Protected phrases, indexed by their first word, the longest first.

    Attributes:
        placeholders: Stand-ins of Conceptual Captions for names and kinds of things.
        everyday: Those stand-ins that are also everyday words.
        frozen: Multiword expressions.
        unreal: Nouns that make what stands behind them unreal.
        unseen: Nouns that name no thing of the scene.
    """

    placeholders: PhraseIndex
    everyday: frozenset[str]
    frozen: PhraseIndex
    unreal: frozenset[str]
    unseen: frozenset[str]

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


def read_protected(table: Mapping[str, str]) -> Protected:
    """Build the phrases from protected.toml."""
    return Protected(
        # The plural of a single stand-in is an everyday word: people, cities, films.
        placeholders=_index(_phrases(table["placeholders"]), single_plurals=False),
        everyday=frozenset(_phrases(table["everyday"])),
        frozen=_index([p for p in _phrases(table["frozen"]) if " " in p or "'" in p]),
        unreal=frozenset(_phrases(table["unreal"])),
        unseen=frozenset(_phrases(table["unseen"])),
    )


def _phrases(text: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in text.split("|") if phrase.strip()]


def _index(phrases: Sequence[str], *, single_plurals: bool = True) -> PhraseIndex:
    index: dict[str, set[tuple[str, ...]]] = {}
    for phrase in phrases:
        plural = single_plurals or " " in phrase
        for form in (phrase, plural_of(phrase)) if plural else (phrase,):
            words = tuple(form.replace("'s", " 's").split())
            index.setdefault(words[0], set()).add(words)
    return {word: tuple(sorted(found, key=lambda p: (-len(p), p))) for word, found in index.items()}
