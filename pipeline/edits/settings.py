"""Settings that a complete counterfactual may be moved to, chosen by what it shows."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.objects import Noun

DRAWN = frozenset(
    {"illustration", "vector", "cartoon", "icon", "logo", "drawing", "sketch", "clipart", "emblem",
     "graphic", "pattern", "print", "label", "sticker", "tattoo",
     "illustrations", "icons", "drawings", "wallpaper"}
)  # fmt: skip
CUT_OUT = frozenset({"isolated", "background", "backdrop"})
ALIVE = frozenset({"person", "animal", "vehicle", "building"})
"""Classes that are seen in places even where the caption cuts them out."""

WHOLES = frozenset({"row", "pile", "stack", "heap", "herd", "flock", "crowd", "couple"})
SOMEBODY = frozenset({"", "small_things"})

FLYING = frozenset({"flying", "flies", "fly", "flight", "soaring", "sky", "hovering", "gliding"})
HANDS = frozenset({"hands", "hand", "fingers"})
UNDER_WATER = frozenset({"underwater", "reef", "aquarium", "diver", "divers"})
TIMES = frozenset(
    {
        "night",
        "sunset",
        "sunrise",
        "dusk",
        "dawn",
        "noon",
        "morning",
        "afternoon",
        "evening",
        "moon",
        "midnight",
        "starry",
        "daytime",
        "day",
        "twilight",
        "nighttime",
    }
)
WEATHERS = frozenset(
    {"snow", "snowy", "rain", "rainy", "pouring", "fog", "foggy", "stormy", "storm", "sunny", "sun",
     "cloudy", "mist", "misty", "sunshine", "sunlight", "windy", "winter", "summer", "heavy",
     "clear", "clouds", "sky", "skies", "blue"}
)  # fmt: skip
"""Words of which no two kinds can be true at once."""

INDOOR_CLASSES = frozenset({"furniture", "device", "instrument", "food", "container"})
SMALL = frozenset({"a", "an", "the", "of", "in", "on", "at", "to", "and", "with", "under", "next",
                   "front", "edge", "full", "light", "top", "middle", "between", "beside", "above",
                   "over", "below", "near", "by", "from", "white", "red", "old", "wide",
                   "large", "dark"})  # fmt: skip
"""Words of a phrase that may stand in the caption too."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One phrase that says where.

    Attributes:
        phrase: The phrase.
        words: Words whose presence in a caption makes it no change of setting.
    """

    phrase: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Settings:
    """The content of settings.toml.

    Attributes:
        lists: Settings by the name of their list.
        lists_of: Class, group or noun → name of the list for it.
    """

    lists: Mapping[str, tuple[Setting, ...]]
    lists_of: Mapping[str, str]

    def fitting(
        self, nouns: Collection[Noun], words: Collection[str], *, keeps_place: bool
    ) -> Iterable[Setting]:
        """Settings that suit what the caption shows and that it does not mention.

        Args:
            nouns: Visible nouns in the order of the text, as they are after the edits.
            words: Every word of the caption, before and after the edits.
            keeps_place: Whether the caption goes on naming a place; then only its weather
                and light may change.
        """
        said = set(words)
        # "a rocky island" near a rock, "a snowy lawn" in the snow
        said |= {f"{word}y" for word in words} | {word.removesuffix("y") for word in words}
        if keeps_place and DRAWN & said:
            return ()
        name = "weather" if keeps_place else self._list_for(nouns, words)
        if not TIMES.isdisjoint(said):
            said |= TIMES
        if not WEATHERS.isdisjoint(said):
            said |= WEATHERS
        return (setting for setting in self.lists.get(name, ()) if setting.words.isdisjoint(said))

    def _list_for(self, nouns: Collection[Noun], words: Collection[str]) -> str:
        said = set(words)
        nouns = [noun for noun in nouns if noun.lemma not in WHOLES]
        first = nouns_first(nouns)
        if DRAWN & said or (CUT_OUT & said and (first is None or first.cls not in ALIVE)):
            return "drawn"
        if UNDER_WATER & said:
            return "under_water"
        people = [noun for noun in nouns if _is_somebody(noun) and self._own(noun) in SOMEBODY]
        things = [noun for noun in nouns if noun not in people and noun.cls != "body"]
        if HANDS & said or (people and (not things or nouns_first(nouns) in people)):
            return self._for_people(things, said)
        for noun in things:
            name = self._own(noun)
            if name in {"aircraft", "birds"} and FLYING & said:
                return "in_the_air"
            if name:
                return name
        return "people_outdoors" if not nouns else ""

    def _for_people(self, things: Iterable[Noun], said: Collection[str]) -> str:
        """A list for people and what they are with."""
        names = [(noun, self._own(noun)) for noun in things]
        for noun, name in names:
            if noun.cls in {"vehicle", "animal"} and name:
                return name
        if not HANDS.isdisjoint(said) or any(noun.cls in INDOOR_CLASSES for noun, _ in names):
            return "people_indoors"
        return "people_outdoors"

    def _own(self, noun: Noun) -> str:
        for key in (noun.lemma, noun.group.name, noun.cls):
            if key in self.lists_of:
                return self.lists_of[key]
        return ""


def _is_somebody(noun: Noun) -> bool:
    """Whether it is seen where people are."""
    return noun.cls == "person" or noun.lemma == "robot"


def nouns_first(nouns: Collection[Noun]) -> Noun | None:
    """The noun that a caption starts from: the first one that is no part of a body."""
    return next((noun for noun in nouns if noun.cls not in {"body", "time"}), None)


@cache
def load_settings() -> Settings:
    """Read settings.toml once."""
    text = (files("pipeline.edits.lexicon") / "settings.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    lists = {
        name: tuple(Setting(phrase, _words(phrase)) for phrase in entry["phrases"])
        for name, entry in table.items()
    }
    lists_of = {key: name for name, entry in table.items() for key in entry["of"]}
    return Settings(lists, lists_of)


def _words(phrase: str) -> frozenset[str]:
    """Words of a phrase, and what resembles its nouns, in singular and plural."""
    nouns = load_lexicon().nouns
    words = {word for word in phrase.replace("-", " ").split() if word not in SMALL}
    for word in tuple(words):
        entry = nouns.forms.get(word)
        if entry is not None:
            for lemma in nouns.akin(entry[0].lemma):
                words |= {lemma, nouns.by_lemma[lemma].plural}
    return frozenset(words)
