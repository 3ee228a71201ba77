"""Spatial relations: what may be where, and classes of nouns and verbs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property

from pydantic import Field, ValidationInfo, field_validator

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.files import Phrase, Table, Words, load_lexicon_file
from pipeline.edits.lexicon.sizes import load_sizes

LIVING = "@person @animal"
BEARING = {"inside": -1, "on": 1, "in": 1, "under": 1}
"""Relation → how many sizes larger than the ground a figure may be."""


class Place(Table):
    """What may be where, in relations that exclude each other.

    Attributes:
        between: Names of the relations.
        figures: What is there.
        grounds: To what.
        verbs: What the figure may do there beside what it does anywhere.
        only: Whether it may do nothing else.
        moving: Whether it must do one of these.
    """

    between: tuple[str, ...]
    figures: frozenset[str]
    grounds: frozenset[str]
    verbs: Words = frozenset()
    only: bool = False
    moving: bool = False


class Relations(Table):
    """The content of relations.toml.

    Attributes:
        nouns: Class name → lemmas.
        verbs: Class name → lemmas.
        prepositions: Name of a relation → phrases that say it.
        exclusive: Verb → verbs that cannot be seen at the same time.
        together: Relation → others that may hold at the same time.
        places: What may be where.
        unlikely: Noun → nouns that nobody would contrast with it.
        ties: Noun, class or group → words of captions that tell that it is this one.
    """

    nouns: Mapping[str, frozenset[str]]
    verbs: Mapping[str, Words]
    prepositions: Mapping[str, tuple[Phrase, ...]]
    exclusive: Mapping[str, tuple[str, ...]]
    together: Mapping[str, frozenset[str]] = {}
    places: tuple[Place, ...] = Field(alias="place")
    unlikely: Mapping[str, Words]
    ties: Mapping[str, Words]

    def is_person(self, noun: str) -> bool:
        """Whether a lemma names people."""
        return noun in self.nouns["people"]

    def names_of(self, phrase: tuple[str, ...]) -> set[str]:
        """The relations that a phrase says: "in" is "inside", too."""
        return {name for name, phrases in self.prepositions.items() if phrase in phrases}

    def where(self, figure: str, ground: str) -> Iterator[Place]:
        """The entries for two lemmas."""
        if self.is_person(figure):
            figure = "person"
        if self.is_person(ground):
            ground = "person"
        yield from (place for place in self._by_ground[ground] if figure in place.figures)

    def allows(self, figure: str, name: str, ground: str) -> bool:
        """Whether one thing may be in a relation to another."""
        return _bears(figure, name, ground) and any(
            name in place.between for place in self.where(figure, ground)
        )

    def others(self, figure: str, phrase: tuple[str, ...], place: Place, ground: str) -> set[str]:
        """Names of what an entry has instead of the relation that a phrase says."""
        said = self.names_of(phrase)
        if said.isdisjoint(place.between):
            return set()
        return {
            name
            for name in place.between
            if name not in said
            and _bears(figure, name, ground)
            and not any(self._may_both_hold(name, one) for one in said)
        }

    def _may_both_hold(self, one: str, other: str) -> bool:
        return other in self.together.get(one, ()) or one in self.together.get(other, ())

    @cached_property
    def by_first(self) -> Mapping[str, Sequence[tuple[str, ...]]]:
        """First word → phrases that begin with it, the longest first."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for phrases in self.prepositions.values():
            for phrase in phrases:
                found.setdefault(phrase[0], set()).add(phrase)
        return {first: sorted(those, key=len, reverse=True) for first, those in found.items()}

    @cached_property
    def _by_ground(self) -> Mapping[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for place in self.places:
            for ground in place.grounds:
                found[ground].append(place)
        return found

    @field_validator("nouns", mode="before")
    @classmethod
    def _lemmas_of_nouns(cls, table: Mapping[str, str]) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for name, text in table.items():
            found[name] = _lemmas(text, found)
        return found

    @field_validator("places", mode="before")
    @classmethod
    def _lemmas_of_places(
        cls, places: Sequence[Mapping[str, str]], info: ValidationInfo
    ) -> list[Mapping[str, object]]:
        nouns, known = info.data.get("nouns", {}), info.data.get("prepositions", {})
        for place in places:
            if unknown := sorted(set(place["between"]) - set(known)):
                raise ValueError(f"a place has relations that [prepositions] lacks: {unknown}")
        return [
            {
                **place,
                "figures": _lemmas(place.get("figures", LIVING), nouns),
                "grounds": _lemmas(place["grounds"], nouns),
            }
            for place in places
        ]

    @field_validator("unlikely")
    @classmethod
    def _with_spaces(cls, table: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
        return {_spaced(noun): frozenset(map(_spaced, others)) for noun, others in table.items()}

    @field_validator("ties")
    @classmethod
    def _by_both_names(cls, table: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
        return {key: words for name, words in table.items() for key in (name, _spaced(name))}


def _bears(figure: str, name: str, ground: str) -> bool:
    """Whether a figure is not too large to be in, on or under a ground."""
    nouns, sizes = load_lexicon().nouns.by_lemma, load_sizes()
    found = [sizes.rank(nouns[noun]) for noun in (figure, ground) if noun in nouns]
    if name not in BEARING or len(found) < 2 or found[0] is None or found[1] is None:
        return True
    return found[0] <= found[1] + BEARING[name]


def _lemmas(text: str, nouns: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The words of a text; "@pets" stands for the nouns of that name, class or group."""
    found: set[str] = set()
    for word in text.split():
        members = {_spaced(word)}
        if word.startswith("@"):
            members = set(nouns.get(word[1:], ())) or _members().get(word[1:], set())
        if not members:
            raise ValueError(f"{word} is no class or group of objects.toml")
        found |= members
    return frozenset(found)


@cache
def _members() -> Mapping[str, set[str]]:
    """Class or group → its nouns."""
    found: dict[str, set[str]] = defaultdict(set)
    for noun in load_lexicon().nouns.by_lemma.values():
        found[noun.cls].add(noun.lemma)
        found[noun.group.name].add(noun.lemma)
    return dict(found)


def _spaced(word: str) -> str:
    """A noun as captions write it; keys of TOML take no spaces."""
    return word.replace("_", " ")


@cache
def load_relations() -> Relations:
    """Read relations.toml once."""
    return load_lexicon_file("relations", Relations)
