"""What captions are about, and where they say that it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property

from pipeline.edits.lexicon.files import Table, Words, load_lexicon_file
from pipeline.edits.lexicon.objects import Noun

_NONE: frozenset[str] = frozenset()


class Setting(Table):
    """One sort of settings.

    Attributes:
        of: Classes, groups, nouns and other words that say it.
        beside: Sorts that are seen together with it.
    """

    of: frozenset[str]
    beside: frozenset[str] = _NONE


class MainThings(Table):
    """Main things of one sort, in scene_sorts.toml: classes, groups and nouns."""

    of: tuple[str, ...]


class CompleteWords(Table):
    """The content of complete.toml; its comments say what each key means."""

    wrappers: Words
    neutral: Words
    settings: Mapping[str, Setting]

    @cached_property
    def settings_by_word(self) -> Mapping[str, frozenset[str]]:
        """Class, group, noun or word → the sorts of settings that it says."""
        found: dict[str, frozenset[str]] = {}
        for name, setting in self.settings.items():
            for word in setting.of:
                found[word] = found.get(word, _NONE) | {name}
        return found

    def are_together(self, one: str, other: str) -> bool:
        """Whether one picture may show settings of both sorts."""
        return (
            one == other or other in self.settings[one].beside or one in self.settings[other].beside
        )


@cache
def load_complete() -> CompleteWords:
    """Read complete.toml once."""
    return load_lexicon_file("complete", CompleteWords)


@cache
def load_sorts() -> Mapping[str, str]:
    """Read scene_sorts.toml once: class, group or noun → sort of main things."""
    table = load_lexicon_file("scene_sorts", dict[str, MainThings])
    return {key: sort for sort, entry in table.items() for key in entry.of}


@cache
def load_places() -> Mapping[str, Mapping[str, Mapping[str, int]]]:
    """Read places.toml once: sort of main thing → what is before a phrase → it → captions."""
    return load_lexicon_file("places", dict[str, dict[str, dict[str, int]]])


def sort_of(noun: Noun) -> str | None:
    """Sort of a main thing, such as "pets"; None where no list names it."""
    for key in (noun.lemma, noun.group.name, noun.cls):
        if key in load_sorts():
            return load_sorts()[key]
    return None
