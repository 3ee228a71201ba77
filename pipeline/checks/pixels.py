"""What pixels alone say of a picture, without any model. Pure.

Every picture is (height_px, width_px, 3) uint8 RGB. The results are the same on every
machine but for the last digits, which are rounded away before they are stored.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

HASH_BITS: Final = 64

_HASH_SIDE_PX = 32
_HASH_WAVES = 8
_HASH_DIGITS = 6
"""Decimals of a coefficient: on an even picture, what is left is rounding, and no wave."""

_LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue (ITU-R BT.601)."""


def contrast(pixels: NDArray[np.uint8]) -> float:
    """Standard deviation of the grey levels, in levels of 255; 0 for an even picture."""
    return float(_grey(pixels).std())


def detail(pixels: NDArray[np.uint8]) -> float:
    """Mean step between grey levels that are neighbours in a row or column, in levels of 255."""
    grey = _grey(pixels)
    steps = [np.abs(np.diff(grey, axis=axis)) for axis in (0, 1)]
    number = sum(step.size for step in steps)
    return float(sum(step.sum() for step in steps) / number) if number else 0.0


def change(pixels: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Mean difference of two pictures over pixels and channels, as a share of 255.

    Where their sizes differ, the other is brought to the size of the first.
    """
    if other.shape != pixels.shape:
        other = _resized(other, pixels.shape[1], pixels.shape[0])
    apart = np.abs(pixels.astype(np.int16) - other.astype(np.int16))
    return float(apart.mean(dtype=np.float64) / 255)


def perceptual_hash(pixels: NDArray[np.uint8]) -> int:
    """64 bits that are nearly the same for pictures that look nearly the same in grey.

    The cosine transform of the picture, shrunk to 32 × 32 grey levels; of its 8 × 8 longest
    waves but the constant ones, the bit says whether one is above the median (Zauner 2010,
    "Implementation and Benchmarking of Perceptual Image Hash Functions", section 3.2.1; the
    averaging shrink takes the place of its mean filter). Colours of one lightness are not
    told apart.
    """
    small = _resized(pixels, _HASH_SIDE_PX, _HASH_SIDE_PX)
    waves = _cosines() @ _grey(small) @ _cosines().T
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


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Grey levels, (height_px, width_px) in 0 to 255."""
    return np.asarray(pixels @ _LUMA)


def _resized(pixels: NDArray[np.uint8], width_px: int, height_px: int) -> NDArray[np.uint8]:
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(picture.resize((width_px, height_px), Image.Resampling.BOX))
