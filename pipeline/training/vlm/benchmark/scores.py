"""Winoground's scores and their intervals. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.core.wilson import wilson_interval
from pipeline.training.vlm.benchmark.items import Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ALL = "all"
MEAN = "mean of kinds"
REWORDED = "reworded: "
"""Begins the names of rows that tell invariance by what the neutral variants change."""


@dataclass(frozen=True, slots=True)
class Share:
    """How often something is right.

    Attributes:
        right: Times.
        of: Questions.
        share: In [0, 1].
        low: Lower end of the 95 % interval (Wilson, 1927).
        high: Upper end.
        chance: What random similarities get.
    """

    right: int
    of: int
    share: float
    low: float
    high: float
    chance: float


def judge(question: Question, similarities: NDArray[np.floating]) -> dict[str, bool]:
    """Which scores the question wins; a tie is lost.

    With two pictures, S(i, c) being the similarity of picture i and caption c (Thrush et al.
    2022, arXiv 2204.03162):

    * text: S(0, 0) > S(0, 1) and S(1, 1) > S(1, 0)
    * image: S(0, 0) > S(1, 0) and S(1, 1) > S(0, 1)
    * group: both

    and where it is known which of the two is factual, "factual" for that picture's half of
    text: one picture with a true and a false caption, as other benchmarks ask. With one
    picture, "choice": the true caption is nearer than every other.

    Where the question has a neutral variant N of the caption T that was not edited, with F the
    edited caption (the nearest false one, where there are several) and f the picture of T,
    "invariance": |S(f, N) − S(f, T)| < |S(f, F) − S(f, T)|: saying the same in other words moves
    the score less than the edit does. Chance is 1/2. It is not won by a model that never moves,
    which ties, nor by one that fears every change.

    Args:
        question: The question.
        similarities: (pictures, texts), as :attr:`Question.texts` has them.
    """
    s = similarities[:, : len(question.captions)]
    won = _invariance(question, similarities)
    if len(question.pictures) == 1:
        return {"choice": bool((s[0, 0] > s[0, 1:]).all())} | won
    halves = (bool(s[0, 0] > s[0, 1]), bool(s[1, 1] > s[1, 0]))
    text = all(halves)
    image = bool(s[0, 0] > s[1, 0] and s[1, 1] > s[0, 1])
    found = {"text": text, "image": image, "group": text and image}
    if question.factual is not None:
        found["factual"] = halves[question.factual]
    return found | won


def _invariance(question: Question, similarities: NDArray[np.floating]) -> dict[str, bool]:
    if not question.neutral or (len(question.pictures) == 2 and question.factual is None):
        return {}
    true = question.factual or 0
    row = similarities[true]
    captions = len(question.captions)
    false = max(float(row[other]) for other in range(captions) if other != true)
    moved = abs(float(row[captions]) - float(row[true]))
    return {"invariance": moved < abs(false - float(row[true]))}


def summarize(
    questions: Sequence[Question], won: Iterable[Mapping[str, bool]]
) -> dict[str, dict[str, Share]]:
    """Kind → score → share; then all questions together where there are several kinds.

    Behind the kinds stands invariance by what was changed in the neutral variants.
    """
    points: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    chances: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for question, scores in zip(questions, won, strict=True):
        for kind in (question.kind, ALL):
            for name, is_won in scores.items():
                points[kind][name].append(float(is_won))
                chances[kind][name].append(question.chance.get(name, 0.5))
        if "invariance" in scores:
            changed = f"{REWORDED}{question.neutral_kind}"
            points[changed]["invariance"].append(float(scores["invariance"]))
            chances[changed]["invariance"].append(0.5)
    kinds = sorted(kind for kind in set(points) - {ALL} if not kind.startswith(REWORDED))
    reworded = sorted(kind for kind in points if kind.startswith(REWORDED))
    shown = [*kinds, *reworded, *([ALL] if len(kinds) > 1 else [])]
    return {
        kind: {name: _share(found, chances[kind][name]) for name, found in points[kind].items()}
        for kind in shown
    }


def mean_of_kinds(found: Mapping[str, Mapping[str, Share]]) -> dict[str, float]:
    """Score → mean over the kinds that have it, each kind counting the same."""
    values: dict[str, list[float]] = defaultdict(list)
    for kind, scores in found.items():
        if kind != ALL and not kind.startswith(REWORDED):
            for name, share in scores.items():
                values[name].append(share.share)
    return {name: sum(shares) / len(shares) for name, shares in values.items()}


def _share(points: Sequence[float], chances: Sequence[float]) -> Share:
    interval = wilson_interval(points)
    return Share(
        int(sum(points)), len(points), interval.accuracy, interval.low, interval.high,
        sum(chances) / len(chances),
    )  # fmt: skip
