"""Spatial relations, which of them exclude each other, and classes of nouns and verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.files import Phrase, Table, Words, load_lexicon_file


def _lemmas(text: object) -> object:
    """The words of a text; "@pets" stands for the nouns of that class or group."""
    if not isinstance(text, str):
        return text
    entries = load_lexicon().nouns.by_lemma.values()
    found: set[str] = set()
    for word in text.split():
        if not word.startswith("@"):
            found.add(word)
            continue
        members = {n.lemma for n in entries if word[1:] in {n.cls, n.group.name}}
        if not members:
            raise ValueError(f"{word} is no class or group of objects.toml")
        found |= members
    return found


def _spaced(word: str) -> str:
    """A noun as captions write it; keys of TOML take no spaces."""
    return word.replace("_", " ")


MOVABLE: Any = "@person @animal @vehicle @toy"
"""What is found at many places, each of which a picture shows."""

Lemmas = Annotated[frozenset[str], BeforeValidator(_lemmas)]


class Move(Table):
    """Two relations that exclude each other.

    Attributes:
        subkind: Label of its edits.
        between: Names of the two.
        grounds: To what; none for anything.
        figures: What.
        verbs: Verbs between the two; none for any.
        moving: Whether there must be such a verb.
        say: Name → what an edit writes instead of it.
    """

    subkind: str
    between: tuple[str, str]
    grounds: Lemmas = frozenset()
    figures: Lemmas = Field(default=MOVABLE, validate_default=True)
    verbs: Words = frozenset()
    moving: bool = False
    say: Mapping[str, str] = {}


class BodyMove(Table):
    """Where something is about a body: "in his hand", and where else it may be.

    Attributes:
        sources: Phrases; "{of}" stands for a possessive.
        targets: Phrases that may stand instead.
        held: "held" behind a verb of holding, "free" behind anything else, or "any".
    """

    sources: tuple[Phrase, ...] = Field(alias="from")
    targets: tuple[str, ...] = Field(alias="to")
    held: Literal["held", "free", "any"]


class Relations(Table):
    """The content of relations.toml.

    Attributes:
        nouns: Class name → lemmas.
        verbs: Class name → lemmas.
        prepositions: Name of a relation → phrases that say it.
        exclusive: Verb → verbs that cannot be seen at the same time.
        moves: The changes, in the order of the file.
        about_body: Changes of where something is about a body.
        unlikely: Noun → nouns that nobody would contrast with it.
        ties: Noun, class or group → words of captions that tell that it is this one.
    """

    nouns: Mapping[str, Lemmas]
    verbs: Mapping[str, Words]
    prepositions: Mapping[str, tuple[Phrase, ...]]
    exclusive: Mapping[str, tuple[str, ...]]
    moves: tuple[Move, ...] = Field(alias="move")
    about_body: tuple[BodyMove, ...] = Field(alias="body")
    unlikely: Mapping[str, Words]
    ties: Mapping[str, Words]

    @cached_property
    def by_first(self) -> Mapping[str, Sequence[tuple[tuple[str, ...], str]]]:
        """First word → phrases that begin with it, the longest first, and their names."""
        found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name, phrases in self.prepositions.items():
            for phrase in phrases:
                found.setdefault(phrase[0], []).append((phrase, name))
        return {first: sorted(those, key=_longest_first) for first, those in found.items()}

    @field_validator("moves")
    @classmethod
    def _between_known(cls, moves: tuple[Move, ...], info: ValidationInfo) -> tuple[Move, ...]:
        named = {name for move in moves for name in (*move.between, *move.say)}
        if unknown := sorted(named - info.data.get("prepositions", dict.fromkeys(named)).keys()):
            raise ValueError(f"a move is between relations that [prepositions] lacks: {unknown}")
        return moves

    @field_validator("unlikely")
    @classmethod
    def _with_spaces(cls, table: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
        return {_spaced(noun): frozenset(map(_spaced, others)) for noun, others in table.items()}

    @field_validator("ties")
    @classmethod
    def _by_both_names(cls, table: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
        return {key: words for name, words in table.items() for key in (name, _spaced(name))}


def _longest_first(entry: tuple[tuple[str, ...], str]) -> int:
    return -len(entry[0])


@cache
def load_relations() -> Relations:
    """Read relations.toml once."""
    return load_lexicon_file("relations", Relations)
