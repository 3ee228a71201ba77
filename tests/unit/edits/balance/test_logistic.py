"""The odds of a direction are found, and do not run away."""

from __future__ import annotations

import math

import pytest

from pipeline.edits.balance.logistic import fit_directions


def test_counts_give_their_log_odds() -> None:
    found = fit_directions([{"b": 1.0}, {"b": -1.0}], [900.0, 100.0], penalty=0.01)
    assert found["b"] == pytest.approx(math.log(9), abs=0.01)


def test_it_agrees_with_scikit_learn() -> None:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    chance = np.random.default_rng(1)
    matrix = chance.integers(-1, 2, (400, 12)).astype(float) * (chance.random((400, 12)) < 0.4)
    truth = chance.normal(size=12)
    signs = np.where(chance.random(400) < 1 / (1 + np.exp(-matrix @ truth)), 1.0, -1.0)
    rows = matrix * signs[:, None]
    named = [{f"f{j:02}": x for j, x in enumerate(row) if x} for row in rows]
    ours = fit_directions(named, [1.0] * 400, penalty=1.0)
    model = LogisticRegression(C=0.5, fit_intercept=False, tol=1e-8, max_iter=5000)
    model.fit(np.concatenate([rows, -rows]), np.repeat([1, 0], 400))
    assert list(ours.values()) == pytest.approx(model.coef_[0].tolist(), abs=1e-3)


def test_a_feature_that_never_goes_back_stays_finite() -> None:
    found = fit_directions([{"not": 1.0}] * 200, [1.0] * 200, penalty=1.5)
    assert 2 < found["not"] < 8
    assert fit_directions([], [], penalty=1.0) == {}
