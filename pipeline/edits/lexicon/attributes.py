"""Visible qualities: colours, and scales whose poles exclude each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from pipeline.edits.lexicon.files import NAMED, Table, Words
from pipeline.edits.lexicon.objects import Noun

_NONE: frozenset[str] = frozenset()


class Colours(Table):
    """Colour words.

    Attributes:
        put: Colours that may be put in, the usual ones first.
        sources: Colours that are only replaced.
        alike: Sets of colours that look too alike to be exchanged.
        palettes: Noun → the only colours that it may be given.
        class_palettes: The same for groups and classes of nouns.
        shades: Words that may stand before a colour.
        no_shade: Colours that take no shade.
        compound: Words that make one colour name with the next one.
        shaded: Shade → colours that it may stand before.
        not_of: Nouns before which a colour is a name, a kind or a figure of speech.
    """

    put: tuple[str, ...] = Field(alias="members")
    sources: frozenset[str]
    alike: tuple[frozenset[str], ...]
    palettes: Mapping[str, tuple[str, ...]]
    class_palettes: Mapping[str, tuple[str, ...]]
    shades: frozenset[str]
    no_shade: frozenset[str]
    compound: frozenset[str]
    shaded: Mapping[str, frozenset[str]]
    not_of: frozenset[str]

    @cached_property
    def words(self) -> frozenset[str]:
        """Every colour word."""
        return self.sources | {*self.put, "blonde", "blond"}

    def palette(self, noun: Noun | str) -> tuple[str, ...]:
        """Colours that a thing may be given; none for people and their skin.

        A noun given as a word, because the lexicon does not know it, takes any colour.
        """
        if isinstance(noun, str):
            return self.palettes.get(noun, self.put)
        own = self.palettes.get(noun.lemma)
        if own is not None:
            return own
        of_group = self.class_palettes.get(noun.group.name)
        return of_group if of_group is not None else self.class_palettes.get(noun.cls, self.put)

    def exchanges(self, colour: str, noun: Noun | str, *, shaded: bool) -> Iterator[str]:
        """Colours that `noun` may have instead of `colour`."""
        for other in self.palette(noun):
            if other == colour or (shaded and other in self.no_shade):
                continue
            if not self.look_alike(colour, other):
                yield other

    def allows_shade(self, shade: str, colour: str) -> bool:
        """Whether people say `shade colour`: "light blue", never "bright grey"."""
        allowed = self.shaded.get(shade)
        return allowed is None or colour in allowed

    def look_alike(self, one: str, other: str) -> bool:
        """Whether two colours are too near to contradict each other."""
        return one == other or any(one in line and other in line for line in self.alike)


class Scale(Table):
    """One quality with poles that exclude each other.

    Attributes:
        name: Name of the scale.
        subkind: Label of its edits: "size", "material", "state", "shape" and so on.
        poles: Words of each pole.
        put: Words of each pole that may be put in.
        fits: Classes and groups of nouns that have this quality.
        nouns: Single nouns that have it.
        unless: Nouns of those that do not.
        never: New word → nouns that it does not suit.
        never_source: Words that are not replaced, though they show the pole.
        cues: Names of words in :attr:`Qualities.cues` beside which it stays.
        before_only: Whether its words are modifiers only, never predicates.
    """

    name: str
    subkind: str
    poles: tuple[frozenset[str], ...]
    put: tuple[tuple[str, ...], ...]
    fits: frozenset[str] = _NONE
    nouns: frozenset[str] = _NONE
    unless: frozenset[str] = _NONE
    never: Mapping[str, frozenset[str]] = {}
    never_source: frozenset[str] = _NONE
    cues: tuple[str, ...] = ()
    before_only: bool = False

    def exchanges(self, word: str, noun: str) -> Iterator[str]:
        """Words of the other poles that suit `noun`, and what its last word names."""
        last = noun.rpartition(" ")[2]
        for pole, put in zip(self.poles, self.put, strict=True):
            if word in pole:
                continue
            for other in put:
                if self.never.get(other, frozenset()).isdisjoint((noun, last)):
                    yield other

    @model_validator(mode="after")
    def _parts_its_words(self) -> Self:
        matching = len(self.poles) == len(self.put)
        if not matching or any(set(p) - pole for p, pole in zip(self.put, self.poles, strict=True)):
            raise ValueError("`put` does not match `poles`")
        if sum(map(len, self.poles)) != len(frozenset().union(*self.poles)):
            raise ValueError("a word stands at two poles")
        return self


def _of_each_word(table: object) -> object:
    """`table` with a key for each of the words that its keys name."""
    if not isinstance(table, dict):
        return table
    found: dict[str, str] = {}
    for words, others in table.items():
        for word in words.split():
            found[word] = f"{found.get(word, '')} {others}"
    return found


class NearWords(Table):
    """Words near an adjective or its noun; the file says of each set what it does."""

    copulas: Words = _NONE
    coloured: Words = _NONE
    matched: Words = _NONE
    thriving: Words = _NONE
    shades: Words = _NONE
    grading: Words = _NONE
    backdrops: Words = _NONE
    seldom_described: Words = _NONE
    campaigns: Words = _NONE
    species: Words = _NONE
    part_of_name: Words = _NONE
    degrees: Words = _NONE
    no_degrees: Words = _NONE


class Qualities(Table):
    """The content of attributes.toml: everything that adjectives may change.

    Attributes:
        colours: Colour words.
        scales: Scales by name.
        general: Adjectives that can be said of nearly anything.
        anywhere: Those of them that can, although a scale names only some things.
        cues: Name → words of captions that tell what some scales tell.
        bars: Words that contradict each other in one caption, whichever of them is new.
        stays: Old word → words of captions beside which it means something else.
        near: Words near an adjective that give it another meaning.
    """

    colours: Colours
    scales: Annotated[Mapping[str, Scale], NAMED] = Field(alias="scale")
    general: Words
    anywhere: Words
    cues: Mapping[str, Words] = {}
    bars: Annotated[Mapping[str, Words], BeforeValidator(_of_each_word)] = {}
    stays: Mapping[str, Words] = {}
    near: NearWords = NearWords()

    def clashes(self, new: str, words: frozenset[str]) -> bool:
        """Whether a new word contradicts one of a caption: "soft bright colors"."""
        return not self._contradicting.get(new, _NONE).isdisjoint(words)

    @cached_property
    def _contradicting(self) -> Mapping[str, frozenset[str]]:
        found = {word: set(others) for word, others in self.bars.items()}
        for word, others in self.bars.items():
            for other in others:
                found.setdefault(other, set()).add(word)
        return {word: frozenset(others) for word, others in found.items()}

    @cached_property
    def _telling(self) -> Mapping[str, frozenset[str]]:
        return {
            name: _NONE.union(*(self.cues[cue] for cue in scale.cues))
            for name, scale in self.scales.items()
        }

    def words_telling(self, scale: Scale) -> frozenset[str]:
        """Words of captions that tell what a scale tells, or rule its other poles out."""
        return self._telling[scale.name]

    @model_validator(mode="after")
    def _has_the_cues_that_scales_name(self) -> Self:
        named = {cue for scale in self.scales.values() for cue in scale.cues}
        if unknown := named ^ self.cues.keys():
            raise ValueError(f"`cues` that no scale names, or no table has: {sorted(unknown)}")
        return self

    @cached_property
    def by_word(self) -> Mapping[str, tuple[Scale, ...]]:
        """Adjective → scales that hold it."""
        found: dict[str, tuple[Scale, ...]] = {}
        for scale in self.scales.values():
            for pole in scale.poles:
                for word in pole - scale.never_source:
                    found[word] = (*found.get(word, ()), scale)
        return found

    def scale_of(self, word: str, noun: Noun | str) -> Scale | None:
        """The scale on which `word` says something about `noun`.

        A noun given as a word, because the lexicon does not know it as a thing, is found
        only where a scale names it.
        """
        lemma = noun if isinstance(noun, str) else noun.lemma
        kinds = frozenset() if isinstance(noun, str) else {noun.cls, noun.group.name}
        scales = self.by_word.get(word, ())
        for scale in scales:
            if lemma not in scale.unless and (lemma in scale.nouns or kinds & scale.fits):
                return scale
        # "a traditional sailing boat": what is said of a boat can be said of this one.
        last = lemma.rpartition(" ")[2]
        if last == lemma:
            return None
        return next((s for s in scales if last in s.nouns and not {last, lemma} & s.unless), None)

    @model_validator(mode="after")
    def _anywhere_is_general(self) -> Self:
        if unknown := self.anywhere - self.general:
            raise ValueError(f"`anywhere` names words that are not in `general`: {sorted(unknown)}")
        return self
