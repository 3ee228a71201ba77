"""What pixels alone say of a picture, without any model. Pure.

Every picture is (height_px, width_px, 3) uint8 RGB. Sums run over whole numbers, so that the
results are the same on every machine.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

HASH_BITS: Final = 64

_LEVELS = np.arange(256)
_HASH_SIDE_PX = 32
_HASH_WAVES = 8
_HASH_DIGITS = 6
"""Decimals of a coefficient: on an even picture, what is left is rounding, and no wave."""


def contrast(pixels: NDArray[np.uint8]) -> float:
    """Standard deviation of the grey levels, in levels of 255; 0 for an even picture."""
    counts = _counts(_grey(pixels))
    number = int(counts.sum())
    first, second = int(counts @ _LEVELS), int(counts @ _LEVELS**2)
    return math.sqrt(number * second - first**2) / number


def detail(pixels: NDArray[np.uint8]) -> float:
    """Mean step between grey levels that are neighbours in a row or column, in levels of 255."""
    from PIL import ImageChops

    grey = _grey(pixels)
    width_px, height_px = grey.size
    steps = np.zeros(256, np.int64)
    for across, down in ((1, 0), (0, 1)):
        if width_px > across and height_px > down:
            here = grey.crop((0, 0, width_px - across, height_px - down))
            there = grey.crop((across, down, width_px, height_px))
            steps += _counts(ImageChops.difference(here, there))
    return int(steps @ _LEVELS) / max(1, int(steps.sum()))


def change(pixels: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Mean difference of two pictures over pixels and channels, as a share of 255.

    Where their sizes differ, the other is brought to the size of the first.
    """
    from PIL import Image, ImageChops

    here, there = _picture(pixels), _picture(other)
    if there.size != here.size:
        there = there.resize(here.size, Image.Resampling.BOX)
    counts = _counts(ImageChops.difference(here, there))
    return int(counts @ _LEVELS) / (255 * int(counts.sum()))


def perceptual_hash(pixels: NDArray[np.uint8]) -> int:
    """64 bits that are nearly the same for pictures that look nearly the same in grey.

    The cosine transform of the picture, shrunk to 32 × 32 grey levels; of its 8 × 8 longest
    waves but the constant ones, the bit says whether one is above the median (Zauner 2010,
    "Implementation and Benchmarking of Perceptual Image Hash Functions", section 3.2.1; the
    averaging shrink takes the place of its mean filter). Colours of one lightness are not
    told apart. Own code: the hashes are stored, and must not change with a library of hashes.
    """
    from PIL import Image

    small = _grey(pixels).resize((_HASH_SIDE_PX, _HASH_SIDE_PX), Image.Resampling.BOX)
    waves = _cosines() @ np.asarray(small, np.float64) @ _cosines().T
    levels = np.round(waves, _HASH_DIGITS).ravel()
    bits = levels > np.median(levels)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def hash_distance(one: int, other: int) -> int:
    """Bits in which two hashes differ, 0 to 64."""
    return (one ^ other).bit_count()


@cache
def _cosines() -> NDArray[np.float64]:
    """Rows 1 to 8 of the orthonormal DCT-II of 32 points: (8, 32)."""
    places = (np.arange(_HASH_SIDE_PX) + 0.5) * math.pi / _HASH_SIDE_PX
    waves = np.arange(1, _HASH_WAVES + 1)[:, None]
    return np.asarray(np.cos(waves * places) * math.sqrt(2 / _HASH_SIDE_PX))


def _picture(pixels: NDArray[np.uint8]) -> Image.Image:
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(pixels))


def _grey(pixels: NDArray[np.uint8]) -> Image.Image:
    """Grey levels by the weights of ITU-R BT.601."""
    return _picture(pixels).convert("L")


def _counts(picture: Image.Image) -> NDArray[np.int64]:
    """How often each level occurs, over all channels: (256,)."""
    levels = np.array(picture.histogram(), np.int64).reshape(-1, 256)
    return np.asarray(levels.sum(axis=0))
