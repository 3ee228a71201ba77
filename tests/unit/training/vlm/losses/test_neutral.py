"""Invariance to neutral variants against the equation worked by hand."""

from __future__ import annotations

import pytest
from torch import Tensor

from pipeline.training.vlm.losses import compute_loss
from tests.unit.training.vlm.losses.ragged import B, D, K, batch, cos, equals_by_hand, mean


def expected_neutral(x: dict[str, Tensor]) -> float:
    differences = [
        cos(x["image"][i], x["neutral_text"][i, k]) - cos(x["image"][i], x["text"][i])
        for i, k in [(0, 0), (0, 1), (1, 0)]
    ]
    return mean([value**2 for value in differences])


def test_it_equals_the_equation_worked_by_hand() -> None:
    assert equals_by_hand("neutral", expected_neutral)


def test_a_variant_that_scores_as_its_caption_costs_nothing() -> None:
    features = batch()
    features["neutral_text"] = 2 * features["text"][:, None].expand(B, K, D).clone()
    assert float(compute_loss("neutral", features)["loss"]) == pytest.approx(0.0, abs=1e-30)


def test_a_difference_within_the_tolerance_costs_nothing() -> None:
    features = batch()
    largest = max(
        abs(x)
        for x in [
            cos(features["image"][i], features["neutral_text"][i, k])
            - cos(features["image"][i], features["text"][i])
            for i, k in [(0, 0), (0, 1), (1, 0)]
        ]
    )
    assert float(compute_loss("neutral", features, tolerance=largest + 1e-9)["loss"]) == 0.0
    assert float(compute_loss("neutral", features, tolerance=largest - 1e-3)["loss"]) > 0.0
