"""Appearances that captions describe in fixed words: "under construction"."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Self

from pydantic import model_validator

from pipeline.edits.lexicon.files import Phrase, Table, load_lexicon_file

_NONE: frozenset[str] = frozenset()


class PhraseScale(Table):
    """One appearance with poles that exclude each other.

    Attributes:
        subkind: Label of its edits.
        poles: Phrases of each pole.
        put: What may be put in at each pole.
        behind: Words one of which must follow; empty for any.
        before: Words one of which must stand right before; empty for any.
        among: Words one of which the caption must hold; empty for any.
        unless: Words of captions that forbid the exchange.
        alone: Whether nothing may follow that the phrase belongs to.
    """

    subkind: str
    poles: tuple[frozenset[Phrase], ...]
    put: tuple[tuple[str, ...], ...]
    behind: frozenset[str] = _NONE
    before: frozenset[str] = _NONE
    among: frozenset[str] = _NONE
    unless: frozenset[str] = _NONE
    alone: bool = False

    @model_validator(mode="after")
    def _puts_in_at_each_pole(self) -> Self:
        if len(self.poles) != len(self.put):
            raise ValueError("`put` does not match `poles`")
        return self


class PhraseScales(Table):
    """The content of looks.toml."""

    look: Mapping[str, PhraseScale]


PhraseIndex = Mapping[str, tuple[tuple[tuple[str, ...], PhraseScale], ...]]


@cache
def load_phrase_scales() -> PhraseIndex:
    """Read looks.toml once: first word → the phrases that begin with it, longest first."""
    index: dict[str, list[tuple[tuple[str, ...], PhraseScale]]] = {}
    for scale in load_lexicon_file("looks", PhraseScales).look.values():
        for phrase in (phrase for pole in scale.poles for phrase in pole):
            index.setdefault(phrase[0], []).append((phrase, scale))
    return {
        word: tuple(sorted(found, key=lambda pair: (-len(pair[0]), pair[0])))
        for word, found in index.items()
    }
