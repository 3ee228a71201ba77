"""CE-CLIP against the equation worked by hand, and its thresholds."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from pipeline.training.vlm.losses import compute_loss, next_thresholds
from tests.unit.training.vlm.losses.ragged import (
    SCALE,
    B,
    D,
    K,
    batch,
    cos,
    cross_entropy,
    equals_by_hand,
    expected_neg_clip,
    mean,
)


def expected_ce_clip(x: dict[str, Tensor]) -> float:
    image, text, edit, pair = x["image"], x["text"], x["edit_text"], x["pair_text"]
    slots = [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1)]
    intra, rank = [], []
    for i, k in [(0, 0), (0, 1), (1, 0)]:
        positive = pair[0, 1] if (i, k) == (0, 1) else text[i]
        right = cos(image[i], positive)
        intra.append(cross_entropy(right, [cos(positive, edit[j, m]) for j, m in slots]))
        threshold = {(0, 0): 1.5, (0, 1): 0.5, (1, 0): 0.5}[i, k]
        rank.append(max(0.0, SCALE * (cos(image[i], edit[i, k]) - right) + threshold))
    assert any(rank)
    return expected_neg_clip(x) + 0.2 * mean(intra) + 0.4 * mean(rank)


def test_thresholds_are_the_mean_gap_of_each_kind_and_bounded() -> None:
    features = batch()
    image, text, edit, pair = (features[k] for k in ("image", "text", "edit_text", "pair_text"))
    gaps = {
        0: [cos(image[0], text[0]) - cos(image[0], edit[0, 0])],
        1: [
            cos(image[0], pair[0, 1]) - cos(image[0], edit[0, 1]),
            cos(image[1], text[1]) - cos(image[1], edit[1, 0]),
        ],
    }
    keys = ("image", "text", "edit_text", "edit_kind", "has_image", "edit_mask", "pair_text",
            "pair_is_caption")  # fmt: skip
    given = {key: features[key] for key in keys}
    found = next_thresholds(**given, logit_scale=SCALE, kinds=3)
    expected = [SCALE * mean(gaps[0]), SCALE * mean(gaps[1]), 0.0]
    assert found.tolist() == pytest.approx(expected)
    bounded = next_thresholds(**given, logit_scale=SCALE, kinds=3, most=0.1)
    assert bounded.tolist() == pytest.approx([min(0.1, value) for value in expected])


def test_it_equals_the_equation_worked_by_hand() -> None:
    assert equals_by_hand("ce_clip", expected_ce_clip)


def test_a_negative_that_is_far_enough_costs_no_rank() -> None:
    features = batch()
    opposite = -features["image"][:, None].expand(B, K, D).clone()
    ranked = features | {
        "text": features["image"].clone(),
        "edit_text": opposite,
        "pair_is_caption": torch.ones(B, K).bool(),
    }
    assert float(compute_loss("ce_clip", ranked, logit_scale=SCALE)["rank"]) == 0.0
