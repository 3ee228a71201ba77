"""Scenes that a complete counterfactual may show, and what its main thing may become."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pipeline.edits.lexicon.files import Table, load_lexicon_file


class SceneEntry(Table):
    """One entry of scenes.toml, any parts of which make a scene.

    Attributes:
        sort: What the main thing is.
        who: Main things, in the singular.
        like: Adjectives that suit each of them.
        doing: What is done, or the state, in a participle's form; may be empty.
        more: Tails that may stand behind it.
        where: Settings.
        alone: Whether there is always one of the main thing.
    """

    sort: str
    who: tuple[str, ...]
    like: tuple[str, ...] = ()
    doing: str = ""
    more: tuple[str, ...] = ()
    where: tuple[str, ...]
    alone: bool = False


class Scenes(Table):
    """The content of scenes.toml.

    Attributes:
        plurals: Plurals of main things that the lexicon of nouns lacks.
        scene: The entries.
    """

    plurals: Mapping[str, str] = {}
    scene: tuple[SceneEntry, ...]


class Sort(Table):
    """One sort of scenes in scene_sorts.toml, and the nouns, groups and classes it is for."""

    of: tuple[str, ...]


class Lead(Table):
    """What the main thing of one class may become, in leads.toml.

    Attributes:
        put: Nouns that may take its place.
        never: Nouns of the class that stay.
    """

    put: tuple[str, ...]
    never: frozenset[str]


@cache
def load_leads() -> Mapping[str, Lead]:
    """Read leads.toml once: class of nouns → what its main things may become."""
    return load_lexicon_file("leads", dict[str, Lead])
