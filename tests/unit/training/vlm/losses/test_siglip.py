"""SigLIP against the equation worked by hand."""

from __future__ import annotations

import math

import pytest
from torch import Tensor

from pipeline.training.vlm.losses import compute_loss
from tests.unit.training.vlm.losses.ragged import SCALE, SETTINGS, B, batch, cos, equals_by_hand


def expected_siglip(x: dict[str, Tensor]) -> float:
    image, text, edit, pair = x["image"], x["text"], x["edit_text"], x["pair_text"]
    total = 0.0
    for i in (0, 1):
        columns = [(text[j], j == i) for j in range(B)] + [(pair[0, 1], i == 0)]
        columns += [(edit[j, k], False) for j, k in [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1)]]
        for column, is_true in columns:
            logit = SCALE * cos(image[i], column) - 2.0
            total += math.log1p(math.exp(-logit if is_true else logit))
    return total / 2


def test_it_equals_the_equation_worked_by_hand() -> None:
    assert equals_by_hand("siglip", expected_siglip)


def test_its_two_parts_are_its_value() -> None:
    parts = compute_loss("siglip", batch(), **SETTINGS["siglip"])
    assert float(parts["positive"] + parts["negative"]) == pytest.approx(float(parts["loss"]))
    assert min(float(parts["positive"]), float(parts["negative"])) > 0
