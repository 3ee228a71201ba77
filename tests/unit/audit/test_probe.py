"""Probes find what is there and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audit.probe import area_under_curve, fit_logistic, probe_pairs


def test_area_under_the_curve_counts_pairs_and_halves_ties() -> None:
    scores, positive = np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, False, True, True])
    pairs = [(p, n) for p in scores[positive] for n in scores[~positive]]
    counted = sum((p > n) + 0.5 * (p == n) for p, n in pairs) / len(pairs)
    assert area_under_curve(scores, positive) == counted


def test_the_logistic_fit_has_no_slope_left() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(120, 6))
    labels = np.sign(rows[:, :1] + rng.normal(size=(120, 1)))
    weights = fit_logistic(rows, labels)
    slope = rows.T @ (labels / (1 + np.exp(labels * (rows @ weights)))) - weights
    assert np.abs(slope).max() < 1e-3


def test_a_probe_finds_what_is_there_and_nothing_else() -> None:
    rng = np.random.default_rng(2)
    factual, other = rng.normal(size=(2, 150, 10))
    folds = [i % 5 for i in range(150)]
    # One draw of noise may look like something by chance; many of them must not on average.
    nothing = [
        probe_pairs(*rng.normal(size=(2, 150, 10)), folds, features="x", contrast="y")
        for _ in range(12)
    ]
    assert not [probe for probe in nothing if probe.is_marked]
    assert 0.46 < np.mean([probe.auc for probe in nothing]) < 0.54
    other[:, 3] += 1.0
    names = [f"f{i}" for i in range(10)]
    found = probe_pairs(factual, other, folds, features="x", contrast="y", names=names)
    assert found.is_marked
    assert found.telling[0][0] == "f3"
    expected = probe_pairs(factual, other, folds, features="x", contrast="y", is_expected=True)
    assert not expected.is_marked


def test_a_set_is_held_out_with_both_its_pictures() -> None:
    """Pictures that are alike within a set, and random between: nothing can be learned."""
    rng = np.random.default_rng(3)
    content = rng.normal(size=(100, 8))
    factual, other = (content + 1e-3 * rng.normal(size=content.shape) for _ in range(2))
    found = probe_pairs(factual, other, [i % 5 for i in range(100)], features="", contrast="")
    assert not found.is_marked


def test_too_few_sets_for_a_probe() -> None:
    with pytest.raises(ValueError, match="needs 5 sets"):
        probe_pairs(np.ones((3, 2)), np.ones((3, 2)), [0, 1, 2], features="", contrast="")
