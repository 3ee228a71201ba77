"""The words of the world's captions, and the choices among them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SIZE_WORDS: Final = {"small": ("small", "little", "tiny"), "big": ("big", "large", "huge")}
COUNT_WORDS: Final = {1: ("a", "a", "a", "one"), 2: ("two",), 3: ("three",), 4: ("four",)}
SETTING_PHRASES: Final = {
    "meadow": ("in a meadow", "on the grass", "in a green field", "on a meadow"),
    "beach": ("on the beach", "on a sandy beach", "by the sea", "on the sand"),
    "snow": ("in the snow", "on the snow", "in winter", "in the snowy mountains"),
    "night": ("at night", "in the dark", "under the moon", "under the stars"),
    "street": ("on the street", "on the road", "in the city", "on a city street"),
    "room": ("in a room", "indoors", "on a wooden floor", "in a living room"),
}
RELATION_PHRASES: Final = {
    "left": ("to the left of", "left of", "on the left of", "on the left side of"),
    "right": ("to the right of", "right of", "on the right of", "on the right side of"),
    "above": ("above", "over", "high above", "hovering over"),
    "below": ("below", "under", "beneath", "underneath"),
    "inside": ("inside", "in", "within", "sitting in"),
    "next to": ("next to", "beside", "near", "by"),
    "and": ("and", "and", "with", "and"),
}
PLURALS: Final = {"fish": "fish", "bus": "buses", "box": "boxes"}
WEATHER_WORDS: Final = {
    # clause, noun phrase, place
    "rain": (("it is raining", "of the rain", "in the rain"), ("rain", "the rain", "a rain cloud")),
    "sun": (("the sun is shining", "of the sun", "in the sun"), ("sun", "the sun", "a bright sun")),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """Every choice of words, drawn before the scene is looked at.

    So two scenes that differ in one fact get captions that differ in it alone.
    """

    setting: bool
    colour: tuple[bool, bool]
    size: tuple[bool, bool]
    state: bool
    swaps_order: bool
    vague: bool
    hat: bool
    negation: float
    frame: float
    picks: tuple[float, ...]

    def pick(self, options: Sequence[str], which: int) -> str:
        """One of the options by the choice number `which`."""
        return options[int(self.picks[which] * len(options))]


def draw_wording(random_state: random.Random) -> Wording:
    """Draw all choices."""
    chance = random_state.random
    return Wording(
        setting=chance() < 0.65,
        colour=(chance() < 0.75, chance() < 0.75),
        size=(chance() < 0.45, chance() < 0.45),
        state=chance() < 0.6,
        swaps_order=chance() < 0.5,
        vague=chance() < 0.2,
        hat=chance() < 0.6,
        negation=chance(),
        frame=chance(),
        picks=tuple(chance() for _ in range(12)),
    )


def noun(name: str, count: int) -> str:
    """The noun in the number."""
    if count == 1:
        return name
    return PLURALS.get(name, f"{name}s")


def article(word: str) -> str:
    """`a` or `an` before a word of this world."""
    return "an" if word[0] in "aeiou" else "a"
