"""What gives a counterfactual caption away to a reader who sees no picture.

Each check takes pairs of a factual wording and its counterfactual and guesses which is the
counterfactual: by length, by single words learned on other sets, or by a language model. A
guess that is right much more, or much less, often than a coin is a way to cheat.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.core.ids import content_id
from pipeline.core.wilson import BlindAccuracy, wilson_interval
from pipeline.core.words import words_of

LEAK: Final = 0.10
"""A guess that is right by so much more or less often than half the time is marked, if it is
not chance."""

Z_999: Final = 3.290527
"""Chance is what a 99.9 % interval allows: an audit looks at dozens of numbers at once."""

FOLDS: Final = 5
LEAST_PAIRS: Final = 20
"""Kinds with fewer pairs are counted, never marked."""


@dataclass(frozen=True, slots=True)
class TextPair:
    """A counterfactual caption and the factual wording that it stands against.

    Attributes:
        anchor_id: Its set; pairs of a set are never on both sides of a split.
        kind: Edit kind, or "full".
        factual: The true wording.
        caption: The counterfactual.
        subkind: Finer label; empty for none.
        weight: Share of the times that a training is to see it, in (0, 1].
    """

    anchor_id: str
    kind: str
    factual: str
    caption: str
    subkind: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Guess:
    """How often one way of guessing is right on one kind.

    Attributes:
        way: How it guesses: "longer", "more words", "words", "likelihood".
        kind: Edit kind, "full", or "all".
        pairs: Number of pairs.
        accuracy: Share of them that it gets right, in [0, 1]; a tie counts half.
        low: Lower end of the 95 % interval (Wilson, 1927).
        high: Upper end.
        is_marked: Whether it is far from half, and not by chance.
    """

    way: str
    kind: str
    pairs: int
    accuracy: float
    low: float
    high: float
    is_marked: bool


def guess_by(
    way: str,
    pairs: Sequence[TextPair],
    scores: Sequence[tuple[float, float]],
    *,
    is_learned: bool = False,
) -> list[Guess]:
    """Take the caption of the higher score for the counterfactual; a line for each kind and all.

    Args:
        way: Name of the guess.
        pairs: What is guessed at.
        scores: For each pair, of its factual wording and of its counterfactual.
        is_learned: Whether the scores were learned on other pairs: then being right less than
            half the time is no finding. It is what chance does to small balanced samples.
    """
    points: dict[str, list[float]] = defaultdict(list)
    for pair, (factual, caption) in zip(pairs, scores, strict=True):
        points[pair.kind].append(0.5 if factual == caption else float(caption > factual))
    kinds = {kind: points[kind] for kind in sorted(points)}
    if len(points) > 1:
        kinds["all"] = [point for found in points.values() for point in found]
    lines = []
    for kind, found in kinds.items():
        one = wilson_interval(found)
        marked = is_marked(found, one) and not (is_learned and one.accuracy < 0.5)
        lines.append(Guess(way, kind, one.pairs, one.accuracy, one.low, one.high, marked))
    return lines


def is_marked(points: Sequence[float], found: BlindAccuracy) -> bool:
    """Whether an accuracy is a finding: at least :data:`LEAK` from half, and not by chance."""
    wide = wilson_interval(points, Z_999)
    return (
        found.pairs >= LEAST_PAIRS
        and abs(found.accuracy - 0.5) >= LEAK
        and not wide.low <= 0.5 <= wide.high
    )


def guess_by_length(pairs: Sequence[TextPair]) -> list[Guess]:
    """Take the longer caption for the counterfactual, by characters and by words."""
    ways: dict[str, Callable[[str], float]] = {
        "longer": len,
        "more words": lambda text: len(words_of(text)),
    }
    return [
        line
        for way, size in ways.items()
        for line in guess_by(way, pairs, [(size(p.factual), size(p.caption)) for p in pairs])
    ]


def guess_by_words(pairs: Sequence[TextPair]) -> list[Guess]:
    """Guess by the words that only one of the two captions has, learned on other sets.

    For each kind a word's weight is the logarithm of how much oftener it stood in the
    counterfactual only than in the factual wording only, each plus one; a caption's score is
    the sum over its own words. Every pair is guessed with weights from the other folds.
    """
    own = [_own_words(pair) for pair in pairs]
    counts: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    folds = [fold_of(pair.anchor_id) for pair in pairs]
    for pair, fold, (factual, caption) in zip(pairs, folds, own, strict=True):
        for other in range(FOLDS):
            if other != fold:
                counts[pair.kind, other].update(f"- {word}" for word in factual)
                counts[pair.kind, other].update(f"+ {word}" for word in caption)
    scores = []
    for pair, fold, (factual, caption) in zip(pairs, folds, own, strict=True):
        learned = counts[pair.kind, fold]
        scores.append((_weight(learned, factual), _weight(learned, caption)))
    return guess_by("words", pairs, scores, is_learned=True)


def fold_of(anchor_id: str, folds: int = FOLDS) -> int:
    """The fold of a set, by hash."""
    return int(content_id("audit fold", anchor_id), 16) % folds


def _own_words(pair: TextPair) -> tuple[set[str], set[str]]:
    factual, caption = set(words_of(pair.factual)), set(words_of(pair.caption))
    return factual - caption, caption - factual


def _weight(learned: Counter[str], words: Iterable[str]) -> float:
    # Rounded, so that a tie is one whatever the order of the sum.
    weight = sum(
        math.log((learned[f"+ {word}"] + 1) / (learned[f"- {word}"] + 1)) for word in words
    )
    return round(weight, 9)
