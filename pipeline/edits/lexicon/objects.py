"""Visible nouns in groups whose members exclude each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, RootModel, model_validator

from pipeline.edits.lexicon.files import NAMED, Table, broken
from pipeline.edits.lexicon.inflection import plural_of

_NONE: frozenset[str] = frozenset()


class NounGroup(Table):
    """Things that contradict each other visibly and stand in each other's place.

    Attributes:
        name: Name of the group.
        cls: Class, such as "animal"; what other rules may do with its nouns.
        about: What its nouns have in common, for a reader.
        members: Nouns that are replaced and put in.
        sources: Nouns that are replaced, and put in only where captions hold them: see
            :meth:`Nouns.returns`.
        fixed: Nouns that are neither replaced nor put in.
        also: Members of other groups that may be put in here too.
        mass: Nouns without a plural.
        plural_only: Nouns without a singular.
        kin: Sets of nouns that are too alike to be exchanged.
        preps: Prepositions behind which its nouns may be exchanged; empty for any.
        after: Words one of which must govern the noun; empty for any.
        unless: Words whose presence in the caption forbids an exchange, but for nouns that captions
            hold with them.
        open: Nouns that nothing can be inside of.
        closed: Nouns that nothing stands on.
        path: Nouns that nothing is "at".
        low: Nouns that nothing is "under".
        of: Whether "X of …" may be exchanged too.
        of_only: Nouns that alone may be put before "of …".
        singly: Nouns that are not put in the plural.
        bars: Noun put in → words of captions that it does not go with.
    """

    name: str
    cls: str = Field(alias="class")
    about: str = ""
    members: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    mass: frozenset[str] = _NONE
    plural_only: frozenset[str] = _NONE
    kin: tuple[frozenset[str], ...] = ()
    preps: frozenset[str] = _NONE
    after: frozenset[str] = _NONE
    unless: frozenset[str] = _NONE
    open: frozenset[str] = _NONE
    closed: frozenset[str] = _NONE
    path: frozenset[str] = _NONE
    low: frozenset[str] = _NONE
    of: bool = False
    of_only: frozenset[str] = _NONE
    singly: frozenset[str] = _NONE
    bars: Mapping[str, frozenset[str]] = {}

    @cached_property
    def put(self) -> tuple[str, ...]:
        """Nouns that may be put in."""
        return (*self.members, *self.also)

    @cached_property
    def nouns(self) -> tuple[str, ...]:
        """Every noun of the group."""
        return (*self.members, *self.sources, *self.fixed)

    @model_validator(mode="after")
    def _forms_are_of_its_nouns(self) -> Self:
        if unknown := (self.mass | self.plural_only).difference(self.nouns):
            raise ValueError(f"`mass` or `plural_only` names no noun of it: {sorted(unknown)}")
        return self


class NounGroups(RootModel[Annotated[Mapping[str, NounGroup], NAMED]]):
    """The content of objects.toml: groups by name."""


@dataclass(frozen=True, slots=True)
class Noun:
    """One visible noun.

    Attributes:
        lemma: Singular (plural for those without one), several words allowed.
        group: Its group.
        mass: Without a plural.
        plural_only: Without a singular.
        editable: Whether it may be replaced by another of its group.
        plural: Plural form.
    """

    lemma: str
    group: NounGroup
    mass: bool
    plural_only: bool
    editable: bool
    plural: str

    @property
    def cls(self) -> str:
        """Class of the group."""
        return self.group.cls

    @property
    def countable(self) -> bool:
        """Whether it can be counted one by one."""
        return not self.mass and not self.plural_only


@dataclass(frozen=True, slots=True)
class Nouns:
    """All visible nouns.

    Attributes:
        by_lemma: Noun by lemma.
        forms: Surface form → (noun, whether the form is plural); a form that is both
            (sheep) is listed as singular.
        groups: Group by name.
        longest: Words in the longest form.
    """

    by_lemma: Mapping[str, Noun]
    forms: Mapping[str, tuple[Noun, bool]]
    groups: Mapping[str, NounGroup]
    longest: int
    _kin: Mapping[str, frozenset[str]] = field(repr=False)
    _returns: dict[str, tuple[Noun, ...]] = field(default_factory=dict, repr=False)

    def exchanges(self, noun: Noun) -> Iterator[Noun]:
        """Nouns that may be put in the place of `noun`, before any look at the sentence."""
        if not noun.editable:
            return
        akin = self.akin(noun.lemma)
        for lemma in noun.group.put:
            other = self.by_lemma[lemma]
            fits = other.mass == noun.mass and (other.plural_only == noun.plural_only or noun.mass)
            if fits and lemma != noun.lemma and lemma not in akin:
                yield other

    def returns(self, noun: Noun) -> tuple[Noun, ...]:
        """Nouns that :meth:`exchanges` leaves out although `noun` may be put in their place.

        An edit that never comes back tells that it is one. These nouns do not go with every
        caption: ask for a caption that holds them in the same place.
        """
        kept = self._returns.get(noun.lemma)
        if kept is None:
            kept = self._returns[noun.lemma] = tuple(self._way_back(noun))
        return kept

    def _way_back(self, noun: Noun) -> Iterator[Noun]:
        if not noun.editable or noun.cls == "person":
            # A tourist may be a pedestrian too.
            return
        there = {other.lemma for other in self.exchanges(noun)}
        akin = self.akin(noun.lemma)
        number = (noun.mass, noun.plural_only)
        for lemma, other in self.by_lemma.items():
            if lemma in there or lemma in akin or not other.editable or other.cls != noun.cls:
                continue
            if _is_kind_of(lemma, noun.lemma) or _is_kind_of(noun.lemma, lemma):
                continue
            if noun.lemma in other.group.put:
                found = any(one is noun for one in self.exchanges(other))
            else:
                # Two that resemble the same third noun may resemble each other.
                found = (
                    other.group is noun.group
                    and (other.mass, other.plural_only) == number
                    and akin.isdisjoint(self.akin(lemma))
                )
            if found:
                yield other

    def akin(self, lemma: str) -> frozenset[str]:
        """Nouns that resemble, include or mean the same as `lemma`, itself included."""
        return self._kin.get(lemma, frozenset({lemma}))

    def fits_any(self, noun: Noun, names: frozenset[str]) -> bool:
        """Whether one of `names` is the noun, its group or its class."""
        return noun.lemma in names or noun.group.name in names or noun.cls in names


def _is_kind_of(name: str, other: str) -> bool:
    """Whether a name says that its thing is one of the others: "wall clock", "clock"."""
    return name.endswith(f" {other}")


def read_nouns(groups: Mapping[str, NounGroup]) -> Nouns:
    """Index the nouns of all groups.

    Raises:
        ConfigError: A noun stands in two groups, or a list names an unknown noun.
    """
    by_lemma: dict[str, Noun] = {}
    for name, group in groups.items():
        for word in group.nouns:
            if word in by_lemma:
                other = by_lemma[word].group.name
                raise broken("objects", name, f"{word!r} is in [{other}] too")
            mass, plural_only = word in group.mass, word in group.plural_only
            plural = word if mass or plural_only else plural_of(word)
            editable = word not in group.fixed
            by_lemma[word] = Noun(word, group, mass, plural_only, editable, plural)
    for name, group in groups.items():
        unknown = {*group.put}.union(*group.kin) - by_lemma.keys()
        unknown |= {*group.singly, *group.bars}.difference(group.put, group.sources)
        if unknown:
            raise broken("objects", name, f"names unknown nouns: {sorted(unknown)}")
    forms: dict[str, tuple[Noun, bool]] = {n.plural: (n, True) for n in by_lemma.values()}
    forms |= {n.lemma: (n, n.plural_only) for n in by_lemma.values()}
    longest = max(form.count(" ") + 1 for form in forms)
    return Nouns(by_lemma, forms, groups, longest, _kin_of(groups))


def _kin_of(groups: Mapping[str, NounGroup]) -> dict[str, frozenset[str]]:
    """Noun → all nouns that share a kin line with it."""
    kin: dict[str, set[str]] = {}
    for group in groups.values():
        for line in group.kin:
            for word in line:
                kin.setdefault(word, {word}).update(line)
    return {word: frozenset(others) for word, others in kin.items()}
