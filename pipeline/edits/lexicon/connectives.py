"""Connectives of cause and effect, and visible causes and effects."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Literal

from pydantic import Field

from pipeline.edits.lexicon.files import Table, Words, load_lexicon_file

Direction = Literal["effect_first", "cause_first"]
_NONE: frozenset[str] = frozenset()


class Connective(Table):
    """One way to say that something brings something about.

    Attributes:
        name: Name in tables, such as "is due to".
        first: Which of the two stands before it.
        words: Its words; `{be}` and verbs in braces agree with what stands first.
        effect: The form of the effect beside it.
        cause: The form of the cause beside it.
        stated: Phrases by which it is found in captions.
        verb: Whether the first word of these is a verb.
        happening: Whether the effect must be something that happens.
    """

    name: str
    first: Literal["effect", "cause"]
    words: str
    effect: Literal["clause", "nominal"]
    cause: Literal["clause", "nominal"]
    stated: tuple[str, ...] = ()
    verb: bool = False
    happening: bool = False

    @property
    def direction(self) -> Direction:
        """Which of the two stands before it, in words."""
        return "effect_first" if self.effect_first else "cause_first"

    @property
    def effect_first(self) -> bool:
        """Whether the effect stands before it."""
        return self.first == "effect"


class Slot(Table):
    """Where the thing {x} of a pattern is found.

    Attributes:
        verbs: Verbs that it does or that are done to it.
        role: What it is of these verbs.
        nouns: It is one of these nouns.
    """

    verbs: frozenset[str] = _NONE
    role: Literal["subject", "object", "any"] = "any"
    nouns: frozenset[str] = _NONE


class Pattern(Table):
    """A visible cause and effect, and what in a caption licenses it.

    Attributes:
        name: Name, for provenance.
        words: One lemma of every set must stand in the caption.
        unless: None of these may.
        phrase: Words that must stand there as they are, or "".
        word: Which set of `words` gives {w}; -1 for none.
        slot: Where {x} comes from; None where the pattern has none.
        effect_clause: The effect with slots, and so on.
        nouns: Whether people speak of the effect as a thing.
        share: Part of the captions that it may take.
    """

    name: str
    words: tuple[frozenset[str], ...]
    unless: frozenset[str] = _NONE
    phrase: str = ""
    word: int = -1
    slot: Slot | None = None
    effect_clause: str = Field(alias="effect")
    effect_nominal: str
    cause_clause: str = Field(alias="cause")
    cause_nominal: str
    nouns: bool = False
    share: float = 1.0

    @property
    def effect(self) -> tuple[str, str]:
        """The effect as a clause and as a nominal."""
        return self.effect_clause, self.effect_nominal

    @property
    def cause(self) -> tuple[str, str]:
        """The cause as a clause and as a nominal."""
        return self.cause_clause, self.cause_nominal


class Mining(Table):
    """Which nouns name something that happens.

    Attributes:
        happenings: Nouns that do.
        happening_endings: Endings of nouns that do.
        not_happenings: Nouns that do not, whatever their ending.
    """

    happenings: Words
    happening_endings: tuple[str, ...]
    not_happenings: Words


class CausalLexicon(Table):
    """The content of connectives.toml."""

    connective: tuple[Connective, ...]
    patterns: tuple[Pattern, ...] = Field(alias="pattern")
    mining: Mining

    @cached_property
    def connectives(self) -> Mapping[str, Connective]:
        """Connectives by name."""
        return {entry.name: entry for entry in self.connective}

    @cached_property
    def stated(self) -> Mapping[str, tuple[tuple[tuple[str, ...], Connective], ...]]:
        """First word → phrases with it that state a cause, the longest first."""
        found: dict[str, list[tuple[tuple[str, ...], Connective]]] = {}
        for entry in self.connective:
            for phrase in entry.stated:
                words = tuple(phrase.split())
                found.setdefault(words[0], []).append((words, entry))
        return {
            word: tuple(sorted(pairs, key=lambda pair: -len(pair[0])))
            for word, pairs in found.items()
        }


@cache
def load_causal_lexicon() -> CausalLexicon:
    """Read connectives.toml once."""
    return load_lexicon_file("connectives", CausalLexicon)
