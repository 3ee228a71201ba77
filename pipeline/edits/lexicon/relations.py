"""Spatial relations, and the classes of nouns and verbs between which they may change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Literal

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


class Move(Table):
    """A relation and what may stand in its place.

    The file names classes of its tables `nouns` and `verbs`; here are the lemmas of these.

    Attributes:
        subkind: Label of its edits.
        sources: Phrases that tell the relation.
        targets: Phrases that may stand instead.
        grounds: What the relation is to.
        figures: What stands in the relation.
        excluded: Classes that are taken out of the figures.
        verbs: Verbs between the two.
        article: Whether an article must follow.
        needs_verb: Whether there must be such a verb.
        weight: How much a draw among proposals favours it.
    """

    subkind: str
    sources: tuple[Phrase, ...] = Field(alias="from")
    targets: tuple[str, ...] = Field(alias="to")
    grounds: frozenset[str]
    figures: frozenset[str]
    excluded: frozenset[str] = Field(default=frozenset(), alias="except")
    verbs: frozenset[str]
    article: bool = False
    needs_verb: bool = False
    weight: float = 1.0


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


class Frozen(Table):
    """Lower-case phrases that are not about places."""

    phrases: tuple[str, ...]


class Relations(Table):
    """The content of relations.toml.

    Attributes:
        nouns: Class name → lemmas.
        verbs: Class name → lemmas.
        frozen: Phrases that are not about places.
        exclusive: Verb → verbs that cannot be seen at the same time.
        moves: The changes, in the order of the file.
        about_body: Changes of where something is about a body.
        unlikely: Noun → nouns that nobody would contrast with it.
        ties: Noun, class or group → words of captions that tell that it is this one.
    """

    nouns: Mapping[str, Annotated[frozenset[str], BeforeValidator(_lemmas)]]
    verbs: Mapping[str, Words]
    frozen: Frozen
    exclusive: Mapping[str, tuple[str, ...]]
    moves: tuple[Move, ...] = Field(alias="move")
    about_body: tuple[BodyMove, ...] = Field(alias="body")
    unlikely: Mapping[str, Words]
    ties: Mapping[str, Words]

    @field_validator("moves")
    @classmethod
    def _with_lemmas(cls, moves: tuple[Move, ...], info: ValidationInfo) -> tuple[Move, ...]:
        if not {"nouns", "verbs"} <= info.data.keys():
            return moves  # these are at fault, which the error says

        def nouns(names: Iterable[str]) -> frozenset[str]:
            if unknown := sorted(set(names) - info.data["nouns"].keys()):
                raise ValueError(f"a move names classes that [nouns] lacks: {unknown}")
            return frozenset().union(*(info.data["nouns"][name] for name in names))

        def verbs(names: Iterable[str]) -> frozenset[str]:
            return frozenset().union(*(info.data["verbs"].get(name, {name}) for name in names))

        return tuple(
            move.model_copy(
                update={
                    "grounds": nouns(move.grounds),
                    "figures": nouns(move.figures) - nouns(move.excluded),
                    "verbs": verbs(move.verbs),
                }
            )
            for move in moves
        )

    @field_validator("unlikely")
    @classmethod
    def _with_spaces(cls, table: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
        return {_spaced(noun): frozenset(map(_spaced, others)) for noun, others in table.items()}

    @field_validator("ties")
    @classmethod
    def _by_both_names(cls, table: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
        return {key: words for name, words in table.items() for key in (name, _spaced(name))}


@cache
def load_relations() -> Relations:
    """Read relations.toml once."""
    return load_lexicon_file("relations", Relations)
