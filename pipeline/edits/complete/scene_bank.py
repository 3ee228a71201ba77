"""The bank of scenes: parts that read well in every combination, and what each part shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.files import load_lexicon_file
from pipeline.edits.lexicon.inflection import plural_of, verb_form, verb_lemma
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.lexicon.scenes import SceneEntry, Scenes, Sort

FUNCTION_WORDS = frozenset(
    {"a", "an", "the", "of", "in", "on", "at", "to", "and", "with", "under", "next", "near", "by",
     "front", "edge", "full", "top", "middle", "between", "beside", "above", "over", "below",
     "from", "into", "out", "up", "down", "off", "through", "along", "across", "behind", "inside",
     "outside", "around", "onto", "against", "for", "two", "three", "one", "both", "each", "other",
     "small", "large", "big", "old", "long", "wide", "side", "row", "back"}
)  # fmt: skip
"""Words of a scene that its anchor's caption may hold too."""


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a scene.

    Attributes:
        text: Its words.
        shows: Words whose presence in a caption would make it no difference: its own, their
            other forms, and what resembles its nouns.
    """

    text: str
    shows: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scene:
    """What one entry of the bank allows.

    Attributes:
        who: Main things, in the singular.
        like: Adjectives that suit each of them.
        doing: What is done, or the state, in a participle's form; may be empty.
        more: Tails that may stand behind it.
        where: Settings.
        alone: Whether there is always one of the main thing.
    """

    who: tuple[Part, ...]
    like: tuple[str, ...]
    doing: Part
    more: tuple[Part, ...]
    where: tuple[Part, ...]
    alone: bool


@dataclass(frozen=True, slots=True)
class SceneBank:
    """All scenes, by sort, and which nouns each sort stands against."""

    scenes: Mapping[str, tuple[Scene, ...]]
    sorts: Mapping[str, str]
    plurals: Mapping[str, str]

    def sort_of(self, noun: Noun) -> str | None:
        """Sort of scenes for a main thing; None where no list names it."""
        for key in (noun.lemma, noun.group.name, noun.cls):
            if key in self.sorts:
                return self.sorts[key]
        return None

    def plural(self, noun: str) -> str:
        """Plural of a main thing."""
        if noun in self.plurals:
            return self.plurals[noun]
        entry = load_lexicon().nouns.by_lemma.get(noun)
        return entry.plural if entry is not None else plural_of(noun)


@cache
def load_scenes() -> SceneBank:
    """Read scenes.toml and scene_sorts.toml once."""
    bank = load_lexicon_file("scenes", Scenes)
    sorts = load_lexicon_file("scene_sorts", dict[str, Sort])
    scenes: dict[str, list[Scene]] = {}
    for entry in bank.scene:
        scenes.setdefault(entry.sort, []).append(_read(entry))
    return SceneBank(
        {sort: tuple(found) for sort, found in scenes.items()},
        {key: sort for sort, entry in sorts.items() for key in entry.of},
        bank.plurals,
    )


def _read(entry: SceneEntry) -> Scene:
    return Scene(
        who=tuple(map(_part, entry.who)),
        like=entry.like,
        doing=_part(entry.doing),
        more=tuple(map(_part, entry.more)),
        where=tuple(map(_part, entry.where)),
        alone=entry.alone,
    )


def _part(text: str) -> Part:
    return Part(text, frozenset(_shown(text)))


def _shown(text: str) -> Iterator[str]:
    """Every word that would say the same as one of these."""
    nouns = load_lexicon().nouns
    words = text.replace("-", " ").replace(",", " ").split()
    for word in words:
        if word in FUNCTION_WORDS:
            continue
        yield word
        if word.endswith("ing"):
            lemma = verb_lemma(word, "VBG")
            yield from (lemma, verb_form(lemma, "VBZ"))
    for noun in _nouns_in(words):
        for lemma in nouns.akin(noun.lemma):
            yield from (lemma, nouns.by_lemma[lemma].plural)


def _nouns_in(words: Collection[str]) -> Iterable[Noun]:
    """Nouns of the lexicon, of up to two words."""
    forms = load_lexicon().nouns.forms
    pairs = (" ".join(pair) for pair in zip(words, list(words)[1:], strict=False))
    return [forms[form][0] for form in (*words, *pairs) if form in forms]
