"""CLIP's loss against the equation worked by hand."""

from __future__ import annotations

import math

import pytest
import torch

from pipeline.training.vlm.losses import compute_loss
from tests.unit.training.vlm.losses.ragged import equals_by_hand, expected_contrastive


def test_two_plain_numbers() -> None:
    """Orthogonal pairs: cosines 1 and 0, so that a person can check it without a computer."""
    eye = torch.eye(2, dtype=torch.float64)
    result = compute_loss("contrastive", {"image": 3 * eye, "text": eye}, logit_scale=1.0)
    assert float(result["loss"]) == pytest.approx(math.log(1 + math.exp(-1)))


def test_it_equals_the_equation_worked_by_hand() -> None:
    assert equals_by_hand("contrastive", expected_contrastive)
