"""Visible actions in frames whose verbs fit the same sentence and exclude each other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from pipeline.edits.lexicon.files import NAMED, Table, Words

ALL = "*"
"""Stands for every verb that a frame puts in."""

_NONE: frozenset[str] = frozenset()


class Frame(Table):
    """Verbs that fit one kind of sentence.

    Attributes:
        name: Name of the frame.
        subject: Classes, groups or nouns that do it.
        objects: What it is done to; "none" where there is no object.
        preps: Words that may follow.
        becomes: Verb → verbs that are put in for it; "fly over" replaces verb and preposition.
        follows: Verb put in → the only words that may follow it.
        never: Verb put in → nouns and groups that it is not said of.
        unless: Verb put in, or "*" for all → words of the caption that give it the lie.
        places: What must stand behind the preposition; empty for anything.
        particles: Words one of which belongs to the verb: "look up".
        by_hand: Whether a hand alone is seen to do it.
        headline: Whether its verbs may begin a caption without a subject.
        at_once: Whether its verbs go with nearly anything else at the same time.
    """

    name: str
    subject: frozenset[str]
    objects: Annotated[
        frozenset[str], BeforeValidator(lambda found: () if found == "none" else found)
    ] = Field(default=_NONE, alias="object")
    preps: frozenset[str]
    becomes: Mapping[str, tuple[str, ...]]
    follows: Mapping[str, frozenset[str]] = {}
    never: Mapping[str, frozenset[str]] = {}
    unless: Mapping[str, frozenset[str]] = {}
    places: frozenset[str] = _NONE
    particles: frozenset[str] = _NONE
    by_hand: bool = False
    headline: bool = False
    at_once: bool = False

    @cached_property
    def put(self) -> tuple[str, ...]:
        """Every verb that may be put in."""
        return tuple(dict.fromkeys(other for others in self.becomes.values() for other in others))

    @cached_property
    def verbs(self) -> frozenset[str]:
        """Every verb of the frame."""
        return frozenset(self.becomes) | {other.split()[0] for other in self.put}

    def exchanges(self, verb: str) -> tuple[str, ...]:
        """Verbs that contradict `verb`."""
        return self.becomes.get(verb, ())

    @cached_property
    def _returns(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for verb, others in self.becomes.items():
            for other in others:
                if verb not in self.exchanges(other):
                    found[other] = (*found.get(other, ()), verb)
        return found

    def returns(self, verb: str) -> tuple[str, ...]:
        """Verbs that :meth:`exchanges` leaves out although `verb` is put in for them.

        An edit that never comes back tells that it is one. Ask for captions that hold them with
        the same nouns.
        """
        return self._returns.get(verb, ())

    def denied(self, new: str) -> frozenset[str]:
        """Words beside which `new` is not put in."""
        return self.unless.get(new, _NONE) | self.unless.get(ALL, _NONE)

    @model_validator(mode="after")
    def _limits_what_it_puts_in(self) -> Self:
        unknown = {*self.follows, *self.never, *self.unless} - {*self.put, ALL}
        if unknown:
            raise ValueError(f"never put in: {sorted(unknown)}")
        return self


class Modifiers(Table):
    """Participles before a noun that exclude each other: "a smiling woman".

    Attributes:
        name: Name of the group.
        subject: What they are said of.
        becomes: Participle → participles that are put in for it.
    """

    name: str
    subject: frozenset[str] = Field(alias="fits")
    becomes: Mapping[str, tuple[str, ...]]


class Clash(Table):
    """Words that give verbs the lie.

    Attributes:
        put: Verbs that are not put in beside them.
        gone: Verbs that are not taken away beside them.
        words: Words of the caption.
    """

    put: Words = _NONE
    gone: Words = _NONE
    words: Words


class Actions(Table):
    """The content of actions.toml: all visible actions, and word lists that it explains.

    Attributes:
        frames: Frames by name.
        modifiers: Frames of participles before a noun, by name.
        fits: Verb → what may be its object.
        does: Verb → what may be its subject.
        unseen: Verbs that show nothing that could be exchanged.
        same_doing: Verbs that tell the same doing.
        clashes: Words elsewhere that rule an exchange out.
    """

    frames: Annotated[Mapping[str, Frame], NAMED] = Field(alias="frame")
    modifiers: Annotated[Mapping[str, Modifiers], NAMED] = Field(alias="modifier")
    fits: Mapping[str, frozenset[str]]
    does: Mapping[str, frozenset[str]]
    unseen: frozenset[str]
    people: Words = _NONE
    narrow: Words = _NONE
    stages: Words = _NONE
    topical: Words = _NONE
    behind_particles: Words = _NONE
    days: Words = _NONE
    same_doing: tuple[Words, ...]
    clashes: tuple[Clash, ...] = Field((), alias="clash")

    @cached_property
    def by_verb(self) -> Mapping[str, tuple[Frame, ...]]:
        """Verb → frames that hold it."""
        found: dict[str, tuple[Frame, ...]] = {}
        for frame in self.frames.values():
            for verb in sorted(frame.verbs):
                found[verb] = (*found.get(verb, ()), frame)
        return found

    @cached_property
    def by_modifier(self) -> Mapping[str, tuple[Modifiers, ...]]:
        """Participle → its frames."""
        found: dict[str, tuple[Modifiers, ...]] = {}
        for group in self.modifiers.values():
            for word in group.becomes:
                found[word] = (*found.get(word, ()), group)
        return found

    @cached_property
    def same(self) -> Mapping[str, frozenset[str]]:
        """Verb → verbs that tell the same doing."""
        return {verb: group for group in self.same_doing for verb in group}
