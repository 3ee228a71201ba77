"""Visible actions in frames whose verbs fit the same sentence and exclude each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """Verbs that fit one kind of sentence.

    Attributes:
        name: Name of the frame.
        subject: Classes, groups or nouns that do it.
        objects: What it is done to; empty where there is no object.
        preps: Words that may follow.
        put: Verbs that may be put in.
        verbs: Every verb of the frame.
        alike: Sets of verbs that can be seen together.
        never: New verb → nouns and groups that it is not done to.
        never_before: New verb → prepositions that must not follow it.
    """

    name: str
    subject: frozenset[str]
    objects: frozenset[str]
    preps: frozenset[str]
    put: tuple[str, ...]
    verbs: frozenset[str]
    alike: tuple[frozenset[str], ...]
    never: Mapping[str, frozenset[str]]
    never_before: Mapping[str, frozenset[str]]

    def exchanges(self, verb: str) -> Iterator[str]:
        """Verbs that contradict `verb`."""
        for other in self.put:
            alike = any(verb in line and other in line for line in self.alike)
            if other != verb and not alike:
                yield other


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
    """

    frames: tuple[Frame, ...]
    by_verb: Mapping[str, tuple[Frame, ...]]
    modifiers: tuple[Frame, ...]
    by_modifier: Mapping[str, tuple[Frame, ...]]
    fits: Mapping[str, frozenset[str]]
    does: Mapping[str, frozenset[str]]
    unseen: frozenset[str]


def read_actions(table: Mapping[str, object]) -> Actions:
    """Build the actions from actions.toml."""
    frames = tuple(_frame(name, entry) for name, entry in _table(table["frame"]).items())
    modifiers = tuple(_frame(name, entry) for name, entry in _table(table["modifier"]).items())
    return Actions(
        frames=frames,
        by_verb=_index(frames),
        modifiers=modifiers,
        by_modifier=_index(modifiers),
        fits={verb: frozenset(_words(names)) for verb, names in _table(table["fits"]).items()},
        does={verb: frozenset(_words(names)) for verb, names in _table(table["does"]).items()},
        unseen=frozenset(_words(table["unseen"])),
    )


def _frame(name: str, value: object) -> Frame:
    entry = _table(value)
    put = _words(entry["put"])
    objects = entry.get("object", "none")
    return Frame(
        name=name,
        subject=frozenset(_words(entry.get("subject", entry.get("fits", [])))),
        objects=frozenset() if objects == "none" else frozenset(_words(objects)),
        preps=frozenset(_words(entry.get("preps", []))),
        put=put,
        verbs=frozenset(put) | frozenset(_words(entry.get("sources", []))),
        alike=tuple(frozenset(_words(line)) for line in _list(entry.get("alike", []))),
        never=_sets(entry.get("never", {})),
        never_before=_sets(entry.get("never_before", {})),
    )


def _index(frames: tuple[Frame, ...]) -> dict[str, tuple[Frame, ...]]:
    index: dict[str, tuple[Frame, ...]] = {}
    for frame in frames:
        for verb in sorted(frame.verbs):
            index[verb] = (*index.get(verb, ()), frame)
    return index


def _sets(value: object) -> dict[str, frozenset[str]]:
    return {word: frozenset(_words(names)) for word, names in _table(value).items()}


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
