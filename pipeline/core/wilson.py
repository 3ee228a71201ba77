"""The share of guesses that are right, with the interval that chance leaves open."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class BlindAccuracy:
    """How often a guess is right that sees no picture.

    Attributes:
        pairs: Number of pairs.
        accuracy: Share in [0, 1]; a tie counts half. 0.5 is what a coin gets.
        low: Lower end of the 95 % interval (Wilson, 1927).
        high: Upper end.
    """

    pairs: int
    accuracy: float
    low: float
    high: float


def wilson_interval(points: Sequence[float], z: float = Z_95) -> BlindAccuracy:
    """Mean of points of 0, 0.5 or 1 with its interval (Wilson, 1927).

    Args:
        points: At least one.
        z: Width in standard deviations; 95 % unless told.
    """
    number = len(points)
    share = sum(points) / number
    spread = z**2 / number
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / number + spread / (4 * number)) / (1 + spread)
    return BlindAccuracy(number, share, max(0.0, middle - half), min(1.0, middle + half))
