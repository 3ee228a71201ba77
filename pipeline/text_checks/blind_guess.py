"""How well a model that sees no picture can guess which of two captions is the factual one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.records import EditKind

Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class BlindPair:
    """One edit and how likely its two captions are.

    Attributes:
        kind: Kind of the edit; "full" of a complete counterfactual.
        factual_nats: Negative log-likelihood of the factual wording.
        caption_nats: That of the counterfactual.
    """

    kind: str
    factual_nats: float
    caption_nats: float


@dataclass(frozen=True, slots=True)
class BlindAccuracy:
    """How often the likelier caption is the factual one.

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


def blind_accuracy(pairs: Iterable[BlindPair]) -> dict[str, BlindAccuracy]:
    """Accuracy of always taking the likelier caption for the factual one, by kind.

    Kinds without pairs are left out; the others come in the order of :class:`EditKind`, and
    "full" last.
    """
    points: dict[str, list[float]] = defaultdict(list)
    for pair in pairs:
        gap = pair.caption_nats - pair.factual_nats
        points[pair.kind].append(0.5 if gap == 0 else float(gap > 0))
    return {kind: wilson_interval(points[kind]) for kind in (*EditKind, "full") if kind in points}


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


def report_blind_accuracy(found: dict[str, BlindAccuracy]) -> str:
    """A table for the terminal: a line for each kind."""
    lines = [f"{'kind':<14}{'pairs':>7}{'blind':>8}   95 % interval"]
    lines += [
        f"{kind:<14}{one.pairs:>7,}{one.accuracy:>8.1%}   {one.low:.1%} to {one.high:.1%}"
        for kind, one in found.items()
    ]
    return "\n".join(lines)
