"""Whether a linear probe tells counterfactual pictures from factual ones by their features.

The pictures come in pairs, a factual and a counterfactual one of the same set. A probe that
tells them apart on sets that it was not trained on has found something that all pictures of
one side share, such as blur, and so has every model that is trained on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FOLDS: Final = 5
SHUFFLES: Final = 199
"""Random labellings that show what chance gives; the smallest p-value is 1 in 200."""

RESAMPLES: Final = 1000
STEPS: Final = 100
PENALTY: Final = 1.0
"""Weight of the squared length of the coefficients, on standardised features."""

LEAK: Final = 0.10
"""An AUC so much above 0.5 is marked, if chance gives it in 1 of 100 at most."""
CHANCE: Final = 0.01
LEAST_SETS: Final = 20


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """How well a probe tells two sides apart.

    Attributes:
        features: What it looks at.
        contrast: Which pictures it tells apart.
        sets: Sets with a picture on both sides.
        auc: Area under the receiver's curve over held-out sets: how often a counterfactual
            picture gets the higher score of two; 0.5 is a coin.
        low: Lower end of the 95 % interval, by resampling sets (Efron, 1979).
        high: Upper end.
        shuffled: Mean AUC with the two sides of each set exchanged at random.
        shuffled_high: What 95 of 100 such labellings stay below.
        p_value: Share of labellings, the true one among them, that do as well.
        is_marked: Whether it is a finding.
        telling: The features of the largest coefficients, with their sign, most telling first.
    """

    features: str
    contrast: str
    sets: int
    auc: float
    low: float
    high: float
    shuffled: float
    shuffled_high: float
    p_value: float
    is_marked: bool
    telling: tuple[tuple[str, float], ...] = ()


def probe_pairs(
    factual: NDArray[np.float64],
    counterfactual: NDArray[np.float64],
    folds: Sequence[int],
    *,
    features: str,
    contrast: str,
    names: Sequence[str] = (),
    is_expected: bool = False,
) -> ProbeResult:
    """Train and judge a probe by cross-validation over sets; the same for the same input.

    Args:
        factual: (sets, width) features of one factual picture of each set.
        counterfactual: (sets, width), of one counterfactual picture of the same sets.
        folds: For each set the fold in which it is held out.
        features: What the features are, for the result.
        contrast: Which pictures these are, for the result.
        names: Of the features, to name the telling ones.
        is_expected: Whether the two sides may be told apart: it is never marked then.

    Raises:
        ValueError: There are fewer sets than folds.
    """
    sets = len(factual)
    if sets < FOLDS:
        raise ValueError(f"a probe needs {FOLDS} sets, there are {sets}")
    chance = np.random.default_rng(0)
    flips = np.ones((sets, 1 + SHUFFLES))
    flips[:, 1:] = chance.choice((-1.0, 1.0), size=(sets, SHUFFLES))
    rows = np.concatenate([factual, counterfactual])
    labels = np.concatenate([-flips, flips])
    held_out = np.zeros_like(labels)
    number = np.concatenate([np.asarray(folds), np.asarray(folds)])
    for fold in sorted(set(folds)):
        out = number == fold
        held_out[out] = _scores(rows[~out], labels[~out], rows[out])
    aucs = np.array(
        [area_under_curve(held_out[:, i], labels[:, i] > 0) for i in range(1 + SHUFFLES)]
    )
    auc, shuffled = float(aucs[0]), aucs[1:]
    low, high = _interval(held_out[:sets, 0], held_out[sets:, 0], chance)
    p_value = float((1 + (shuffled >= auc).sum()) / (1 + SHUFFLES))
    return ProbeResult(
        features, contrast, sets, auc, low, high,
        float(shuffled.mean()), float(np.quantile(shuffled, 0.95)), p_value,
        not is_expected and sets >= LEAST_SETS and auc >= 0.5 + LEAK and p_value <= CHANCE,
        _telling(rows, labels[:, 0], names),
    )  # fmt: skip


def fit_logistic(rows: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients of penalised logistic regressions, one for each column of labels.

    By steps with a fixed bound of the curvature, which never go astray (Böhning and Lindsay,
    Annals of the Institute of Statistical Mathematics 40, 1988): one factorisation serves all.

    Args:
        rows: (rows, width), standardised.
        labels: (rows, labellings) of −1 and 1, each with as many of either.

    Returns:
        (width, labellings). There is no intercept: either side is half of the rows.
    """
    width = rows.shape[1]
    bound = rows.T @ rows / 4 + PENALTY * np.eye(width)
    step = np.linalg.solve(bound, np.concatenate([rows.T, np.eye(width)], axis=1))
    by_rows, by_weights = step[:, : len(rows)], step[:, len(rows) :]
    weights = np.zeros((width, labels.shape[1]))
    for _ in range(STEPS):
        pull = labels / (1 + np.exp(np.clip(labels * (rows @ weights), -500, 500)))
        change = by_rows @ pull - PENALTY * (by_weights @ weights)
        weights += change
        if np.abs(change).max() < 1e-6:
            break
    return weights


def area_under_curve(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """AUC by ranks (Mann and Whitney, 1947); equal scores share their rank."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    hits, misses = int(positive.sum()), int((~positive).sum())
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * misses))


def _scores(
    rows: NDArray[np.float64], labels: NDArray[np.float64], others: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Scores of held-out rows; features are scaled by the training rows alone."""
    middle, scale = _scale(rows)
    weights = fit_logistic((rows - middle) / scale, labels)
    return np.asarray(((others - middle) / scale) @ weights)


def _scale(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    spread = rows.std(axis=0)
    return rows.mean(axis=0), np.where(spread > 1e-12, spread, 1.0)


def _interval(
    factual: NDArray[np.float64], counterfactual: NDArray[np.float64], chance: np.random.Generator
) -> tuple[float, float]:
    sets = len(factual)
    sides = np.repeat([False, True], sets)
    drawn = []
    for _ in range(RESAMPLES):
        chosen = chance.integers(0, sets, sets)
        scores = np.concatenate([factual[chosen], counterfactual[chosen]])
        drawn.append(area_under_curve(scores, sides))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def _telling(
    rows: NDArray[np.float64], labels: NDArray[np.float64], names: Sequence[str]
) -> tuple[tuple[str, float], ...]:
    """The three features that the probe leans on most, from all sets."""
    if not names:
        return ()
    middle, scale = _scale(rows)
    weights = fit_logistic((rows - middle) / scale, labels[:, None])[:, 0]
    first = np.argsort(-np.abs(weights), kind="stable")[:3]
    return tuple((names[i], round(float(weights[i]), 3)) for i in first)
