"""Visible actions in frames whose verbs fit the same sentence and exclude each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ALL = "*"
"""Stands for every verb that a frame puts in."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Verbs that fit one kind of sentence.

    Attributes:
        name: Name of the frame.
        subject: Classes, groups or nouns that do it.
        objects: What it is done to; empty where there is no object.
        preps: Words that may follow.
        becomes: Verb → verbs that are put in for it; "fly over" replaces verb and preposition.
        put: Every verb that may be put in.
        verbs: Every verb of the frame.
        follows: Verb put in → the only words that may follow it.
        never: Verb put in → nouns and groups that it is not said of.
        unless: Verb put in, or "*" for all → words of the caption that give it the lie.
        places: What must stand behind the preposition; empty for anything.
        particles: Words one of which belongs to the verb: "look up".
    """

    name: str
    subject: frozenset[str]
    objects: frozenset[str]
    preps: frozenset[str]
    becomes: Mapping[str, tuple[str, ...]]
    put: tuple[str, ...]
    verbs: frozenset[str]
    follows: Mapping[str, frozenset[str]]
    never: Mapping[str, frozenset[str]]
    unless: Mapping[str, frozenset[str]]
    places: frozenset[str]
    particles: frozenset[str]

    def exchanges(self, verb: str) -> tuple[str, ...]:
        """Verbs that contradict `verb`."""
        return self.becomes.get(verb, ())

    def denied(self, new: str) -> frozenset[str]:
        """Words beside which `new` is not put in."""
        none: frozenset[str] = frozenset()
        return self.unless.get(new, none) | self.unless.get(ALL, none)


@dataclass(frozen=True, slots=True)
class Modifiers:
    """Participles before a noun that exclude each other: "a smiling woman".

    Attributes:
        name: Name of the group.
        subject: What they are said of.
        becomes: Participle → participles that are put in for it.
    """

    name: str
    subject: frozenset[str]
    becomes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Actions:
    """All visible actions.

    Attributes:
        frames: All frames.
        by_verb: Verb → frames that hold it.
        modifiers: Frames of participles before a noun.
        by_modifier: Participle → its frames.
        fits: Verb → what may be its object.
        does: Verb → what may be its subject.
        unseen: Verbs that show nothing that could be exchanged.
        same: Verb → verbs that tell the same doing.
    """

    frames: tuple[Frame, ...]
    by_verb: Mapping[str, tuple[Frame, ...]]
    modifiers: tuple[Modifiers, ...]
    by_modifier: Mapping[str, tuple[Modifiers, ...]]
    fits: Mapping[str, frozenset[str]]
    does: Mapping[str, frozenset[str]]
    unseen: frozenset[str]
    same: Mapping[str, frozenset[str]]


def read_actions(table: Mapping[str, object]) -> Actions:
    """Build the actions from actions.toml."""
    frames = tuple(_frame(name, entry) for name, entry in _table(table["frame"]).items())
    modifiers = tuple(_modifiers(name, entry) for name, entry in _table(table["modifier"]).items())
    by_verb: dict[str, tuple[Frame, ...]] = {}
    for frame in frames:
        for verb in sorted(frame.verbs):
            by_verb[verb] = (*by_verb.get(verb, ()), frame)
    by_modifier: dict[str, tuple[Modifiers, ...]] = {}
    for group in modifiers:
        for word in group.becomes:
            by_modifier[word] = (*by_modifier.get(word, ()), group)
    return Actions(
        frames=frames,
        by_verb=by_verb,
        modifiers=modifiers,
        by_modifier=by_modifier,
        fits={verb: frozenset(_words(names)) for verb, names in _table(table["fits"]).items()},
        does={verb: frozenset(_words(names)) for verb, names in _table(table["does"]).items()},
        unseen=frozenset(_words(table["unseen"])),
        same=_same(table["same_doing"]),
    )


def _frame(name: str, value: object) -> Frame:
    entry = _table(value)
    becomes = {verb: _words(others) for verb, others in _table(entry["becomes"]).items()}
    put = tuple(dict.fromkeys(other for others in becomes.values() for other in others))
    objects = entry.get("object", "none")
    follows, never = _sets(entry.get("follows", {})), _sets(entry.get("never", {}))
    unless = _sets(entry.get("unless", {}))
    unknown = (follows.keys() | never.keys() | unless.keys()) - {*put, ALL}
    if unknown:
        raise ValueError(f"actions.toml [frame.{name}]: never put in: {sorted(unknown)}")
    return Frame(
        name=name,
        subject=frozenset(_words(entry["subject"])),
        objects=frozenset() if objects == "none" else frozenset(_words(objects)),
        preps=frozenset(_words(entry["preps"])),
        becomes=becomes,
        put=put,
        verbs=frozenset(becomes) | {other.split()[0] for other in put},
        follows=follows,
        never=never,
        unless=unless,
        places=frozenset(_words(entry.get("places", []))),
        particles=frozenset(_words(entry.get("particles", []))),
    )


def _modifiers(name: str, value: object) -> Modifiers:
    entry = _table(value)
    becomes = {word: _words(others) for word, others in _table(entry["becomes"]).items()}
    return Modifiers(name, frozenset(_words(entry["fits"])), becomes)


def _sets(value: object) -> dict[str, frozenset[str]]:
    return {word: frozenset(_words(names)) for word, names in _table(value).items()}


def _same(value: object) -> dict[str, frozenset[str]]:
    groups = [frozenset(line.split()) for line in _words(value)]
    return {verb: group for group in groups for verb in group}


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"expected a table, got {value!r}")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list, got {value!r}")
    return value


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in _list(value))
