"""Scenes: what there is to see, as plain facts. Every fact has few, clearly different values."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass, replace
from typing import Final

SIZE_PX: Final = 128
"""Width and height of a picture."""

ANIMALS: Final = ("dog", "cat", "bird", "fish")
THINGS: Final = (
    *ANIMALS,
    "car",
    "bus",
    "boat",
    "apple",
    "banana",
    "tree",
    "flower",
    "ball",
    "balloon",
    "book",
    "chair",
    "house",
)
"""What can stand anywhere, in any colour, size and number."""

CRATE: Final = "box"
"""Stands beside other things like any of them, or holds one."""

COLOURS: Final = ("red", "orange", "yellow", "green", "blue", "purple", "white", "black")
SIZES: Final = ("small", "big")
SETTINGS: Final = ("meadow", "beach", "snow", "night", "street", "room")
COUNTS: Final = (1, 2, 3, 4)
STATES: Final = {"flower": ("blooming", "wilted"), "umbrella": ("open", "closed")}
"""Things with two looks; the first is what rain does to them, the second the sun."""

WEATHERS: Final = ("rain", "sun")

LAYOUTS: Final = ("group", "beside", "above", "inside", "weather")
"""`group`: one to four of a thing; `beside`: first left of second; `above`: first above
second; `inside`: first in a crate, the second; `weather`: a thing with a state below a sky."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing, or several that look the same.

    Attributes:
        name: One of :data:`THINGS`, "box" or "umbrella".
        colour: One of :data:`COLOURS`.
        size: One of :data:`SIZES`.
        count: One of :data:`COUNTS`; more than one in the layout `group` only.
        state: "" for most; one of :data:`STATES` for flowers and umbrellas.
    """

    name: str
    colour: str
    size: str
    count: int = 1
    state: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """All facts of one picture; the painter needs nothing else.

    Attributes:
        layout: One of :data:`LAYOUTS`.
        things: One thing, or two for `beside`, `above`, `inside`.
        setting: One of :data:`SETTINGS`.
        hat: Whether a single animal wears one.
        weather: "" or one of :data:`WEATHERS`; given in the layout `weather` only.
    """

    layout: str
    things: tuple[Thing, ...]
    setting: str
    hat: bool = False
    weather: str = ""

    @property
    def can_wear(self) -> bool:
        """Whether a hat has a place: on one animal that stands alone."""
        first = self.things[0]
        return self.layout == "group" and first.count == 1 and first.name in ANIMALS


HELD_OUT: Final = 16
"""One scene in so many is kept out of all training, to judge on."""


def is_held_out(scene: Scene) -> bool:
    """Whether no model has been trained on the scene, in whatever words."""
    return zlib.crc32(repr(scene).encode()) % HELD_OUT == 0


_LAYOUT_WEIGHTS = (44, 22, 16, 9, 9)


def draw_scene(random_state: random.Random) -> Scene:
    """Draw a scene; layouts by their weights, all else evenly."""
    layout = random_state.choices(LAYOUTS, _LAYOUT_WEIGHTS)[0]
    setting = random_state.choice(SETTINGS)
    if layout == "weather":
        name = random_state.choice(sorted(STATES))
        weather = random_state.choice(WEATHERS)
        state = STATES[name][WEATHERS.index(weather)]
        thing = draw_thing(random_state, name)
        return Scene(layout, (replace(thing, size="big", state=state),), setting, weather=weather)
    if layout == "group":
        name = random_state.choice((*THINGS, CRATE, "umbrella"))
        count = random_state.choices(COUNTS, (7, 5, 5, 5))[0]
        thing = replace(draw_thing(random_state, name), count=count)
        if name in STATES:
            thing = replace(thing, state=random_state.choice(STATES[name]))
        scene = Scene(layout, (thing,), setting)
        return replace(scene, hat=scene.can_wear and random_state.random() < 0.5)
    first = draw_thing(random_state, random_state.choice(THINGS))
    second = draw_thing(random_state, CRATE)
    if layout == "inside":
        first, second = replace(first, size="big"), replace(second, size="big")
    elif random_state.random() < 0.85:
        others = [name for name in THINGS if name != first.name]
        second = draw_thing(random_state, random_state.choice(others))
        if random_state.random() < 0.5:
            first, second = second, first
    things = (first, second)
    if layout != "inside" and random_state.random() < 0.5:
        things = (second, first)
    return Scene(layout, things, setting)


def draw_thing(random_state: random.Random, name: str) -> Thing:
    """One thing of the name, of a random colour and size, in its usual state."""
    state = STATES[name][0] if name in STATES else ""
    colour, size = random_state.choice(COLOURS), random_state.choice(SIZES)
    return Thing(name, colour, size, state=state)
