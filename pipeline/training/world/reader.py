"""The reader: it recovers the scene from a picture's pixels, by trying what the painter can paint.

For every place and size, each thing in each colour is compared with what is there. The gain of
a thing is how much of the squared difference between picture and empty setting it explains; the
layout whose things gain most is read. What is there but resembles nothing well enough is
"unclear", so a blob does not pass for the thing that it resembles most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from pipeline.training.world.painter import (
    CRATE_PX,
    HAT_CENTRE,
    HAT_PX,
    SIDES_PX,
    SKY_CENTRE,
    SKY_PX,
    background,
    centres,
    crate,
    paint,
    sprite,
)
from pipeline.training.world.scene import (
    COLOURS,
    COUNTS,
    CRATE,
    SETTINGS,
    SIZE_PX,
    STATES,
    THINGS,
    WEATHERS,
    Scene,
    Thing,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNCLEAR: Final = "unclear"
"""Name of a thing that resembles nothing."""

LEAST_LIKENESS: Final = 0.45
"""Share of a thing's own difference from the setting that the picture must show."""

_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Variant:
    """A way to paint one thing."""

    name: str
    state: str
    colour: str

    @property
    def sprite(self) -> str:
        return f"{self.state}_{self.name}" if self.state in ("wilted", "closed") else self.name


def _all_variants() -> tuple[_Variant, ...]:
    variants = []
    for name in (*THINGS, CRATE, "umbrella"):
        for state in STATES.get(name, ("",)):
            variants += [_Variant(name, state, colour) for colour in COLOURS]
    return tuple(variants)


VARIANTS: Final = _all_variants()


@dataclass(frozen=True, slots=True)
class _Gains:
    """How well each variant explains a window, and how much there would be to explain.

    Attributes:
        gain: (variants,) squared difference explained; negative where the variant makes it worse.
        energy: (variants,) squared difference between the variant and the empty setting.
    """

    gain: NDArray[np.float32]
    energy: NDArray[np.float32]

    def __add__(self, other: _Gains) -> _Gains:
        return _Gains(self.gain + other.gain, self.energy + other.energy)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    Attributes:
        scene: The scene; things may have the name :data:`UNCLEAR`.
        error: Mean absolute difference to the painting of that scene, in grey levels.
    """

    scene: Scene
    error: float


def read(pixels: NDArray[np.uint8]) -> Reading:
    """Recover the scene of a picture, (128, 128, 3) uint8.

    Raises:
        ValueError: The picture has another size.
    """
    if pixels.shape != (SIZE_PX, SIZE_PX, 3):
        raise ValueError(f"the reader reads {SIZE_PX} px pictures, not {pixels.shape}")
    picture = pixels.astype(np.float32) / np.float32(255)
    setting = min(SETTINGS, key=lambda name: _strangeness(picture, background(name)))
    candidates = [
        *_read_groups(picture, setting),
        *_read_pairs(picture, setting),
        _read_inside(picture, setting),
        *_read_weather(picture, setting),
    ]
    scene = max(candidates, key=lambda candidate: candidate[0])[1]
    if scene.can_wear:
        scene = min((scene, replace(scene, hat=True)), key=lambda s: _hat_error(s, picture))
    known = all(thing.name != UNCLEAR for thing in scene.things)
    error = float(np.abs(paint(scene).astype(float) - pixels).mean()) if known else float("inf")
    return Reading(scene, error)


def _strangeness(picture: NDArray[np.float32], empty: NDArray[np.float32]) -> float:
    """Mean difference from a setting; what a thing covers counts for a little, whatever it is."""
    return float(np.minimum(np.abs(picture - empty), 0.15).mean())


def _read_groups(picture: NDArray[np.float32], setting: str) -> list[tuple[float, Scene]]:
    """The best group of each count and size."""
    found = []
    for count in COUNTS:
        for size, side in SIDES_PX.items():
            probe = Scene("group", (Thing("ball", "red", size, count),), setting)
            places = [centre for _, _, centre in centres(probe)]
            gains = [_gains(picture, background(setting), setting, p, side) for p in places]
            total = gains[0]
            for other in gains[1:]:
                total = total + other
            best = int(total.gain.argmax())
            clear = all(g.gain[best] >= LEAST_LIKENESS * g.energy[best] for g in gains)
            thing = _thing(VARIANTS[best], size, clear=clear, count=count)
            found.append((float(total.gain[best]), Scene("group", (thing,), setting)))
    return found


def _read_pairs(picture: NDArray[np.float32], setting: str) -> list[tuple[float, Scene]]:
    """The best pair of each layout, each thing by itself."""
    found = []
    for layout in ("beside", "above"):
        probe = Scene(layout, (Thing("ball", "red", "big"), Thing("ball", "red", "big")), setting)
        total, things = 0.0, []
        for _, _, place in centres(probe):
            gain, thing = _best_at(picture, background(setting), setting, place, tuple(SIDES_PX))
            total += gain
            things.append(thing)
        if layout == "beside" and things[0] == things[1]:
            continue  # a group of two
        found.append((total, Scene(layout, (things[0], things[1]), setting)))
    return found


def _best_at(
    picture: NDArray[np.float32],
    empty: NDArray[np.float32],
    key: str,
    place: _Place,
    sizes: tuple[str, ...],
) -> tuple[float, Thing]:
    best: tuple[float, Thing] | None = None
    for size in sizes:
        gains = _gains(picture, empty, key, place, SIDES_PX[size])
        index = int(gains.gain.argmax())
        gain = float(gains.gain[index])
        clear = gain >= LEAST_LIKENESS * float(gains.energy[index])
        if best is None or gain > best[0]:
            best = gain, _thing(VARIANTS[index], size, clear=clear)
    if best is None:
        raise ValueError("no size to try")
    return best


def _read_inside(picture: NDArray[np.float32], setting: str) -> tuple[float, Scene]:
    """The best large crate, and what it holds."""
    empty = background(setting)
    best = max(COLOURS, key=lambda c: _explained(picture, empty, _with_crate(setting, c)))
    filled = _with_crate(setting, best)
    gain, thing = _best_at(picture, filled, f"{setting} {best}", (64, 72), ("big",))
    box = Thing(CRATE, best, "big")
    return gain + _explained(picture, empty, filled), Scene("inside", (thing, box), setting)


def _read_weather(picture: NDArray[np.float32], setting: str) -> list[tuple[float, Scene]]:
    """The best thing with a state under each sky."""
    empty = background(setting)
    gains = _gains(picture, empty, setting, (64, 88), SIDES_PX["big"])
    found = []
    for weather in WEATHERS:
        sky = _explained(picture, empty, _with(empty, sprite(weather, "", SKY_PX), SKY_CENTRE))
        scores = [
            g if variant.state else -np.inf for g, variant in zip(gains.gain, VARIANTS, strict=True)
        ]
        best = int(np.argmax(scores))
        clear = gains.gain[best] >= LEAST_LIKENESS * gains.energy[best]
        thing = _thing(VARIANTS[best], "big", clear=bool(clear))
        scene = Scene("weather", (thing,), setting, weather=weather)
        found.append((float(gains.gain[best]) + sky, scene))
    return found


def _thing(variant: _Variant, size: str, *, clear: bool, count: int = 1) -> Thing:
    return Thing(variant.name if clear else UNCLEAR, variant.colour, size, count, variant.state)


def _explained(
    picture: NDArray[np.float32], empty: NDArray[np.float32], filled: NDArray[np.float32]
) -> float:
    """Squared difference that `filled` explains better than `empty`."""
    return float(((picture - empty) ** 2 - (picture - filled) ** 2).sum())


def _hat_error(scene: Scene, picture: NDArray[np.float32]) -> float:
    x, y = HAT_CENTRE
    half = HAT_PX // 2
    window = (slice(y - half, y + half), slice(x - half, x + half))
    painted = paint(scene)[window].astype(np.float32) / np.float32(255)
    return float(((painted - picture[window]) ** 2).sum())


def _with(
    empty: NDArray[np.float32], layer: NDArray[np.float32], centre: _Place
) -> NDArray[np.float32]:
    filled = empty.copy()
    half = layer.shape[0] // 2
    x, y = centre
    window = filled[y - half : y + half, x - half : x + half]
    window *= 1 - layer[:, :, 3:]
    window += layer[:, :, :3]
    return filled


@cache
def _with_crate(setting: str, colour: str) -> NDArray[np.float32]:
    return _with(background(setting), crate(colour, CRATE_PX), (64, 72))


@cache
def _library(side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """All variants of a size: premultiplied colour (variants, side² · 3) and opacity (the same)."""
    layers = [sprite(variant.sprite, variant.colour, side) for variant in VARIANTS]
    colour = np.stack([layer[:, :, :3].reshape(-1) for layer in layers])
    opacity = np.stack([np.repeat(layer[:, :, 3:], 3, axis=2).reshape(-1) for layer in layers])
    return colour, opacity


@cache
def _energy(key: str, place: _Place, side: int) -> NDArray[np.float32]:
    """(variants,) squared difference between each variant and what is behind it."""
    setting, _, box = key.partition(" ")
    empty = _with_crate(setting, box) if box else background(setting)
    behind = _window(empty, place, side).reshape(-1)
    colour, opacity = _library(side)
    energy: NDArray[np.float32] = ((colour - opacity * behind) ** 2).sum(1)
    return energy


def _window(picture: NDArray[np.float32], place: _Place, side: int) -> NDArray[np.float32]:
    x, y = place[0] - side // 2, place[1] - side // 2
    return picture[y : y + side, x : x + side]


def _gains(
    picture: NDArray[np.float32], empty: NDArray[np.float32], key: str, place: _Place, side: int
) -> _Gains:
    """Gain of every variant in a window over `empty`, whose name is `key`.

    With D the picture's difference from what is behind, and T that of a variant, the gain is
    |D|² − |D − T|² = 2 D·T − |T|².
    """
    behind = _window(empty, place, side)
    difference = (_window(picture, place, side) - behind).reshape(-1)
    colour, opacity = _library(side)
    shared = colour @ difference - opacity @ (difference * behind.reshape(-1))
    energy = _energy(key, place, side)
    return _Gains(2 * shared - energy, energy)
