"""CF-VLM against the equation worked by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from pipeline.training.vlm.losses import compute_loss
from tests.unit.training.vlm.losses.ragged import (
    SCALE,
    SETTINGS,
    B,
    D,
    K,
    batch,
    cos,
    equals_by_hand,
    expected_contrastive,
    mean,
)


def expected_cf_vlm(x: dict[str, Tensor]) -> float:
    image, text = x["image"], x["text"]
    base = [cos(image[i], text[i]) for i in range(B)]

    def scene(i: int, k: int) -> float:
        score = cos(x["full_image"][i, k], x["full_text"][i, k])
        return max(0.0, score - base[i] + 0.25)

    l_csd = mean([mean([scene(0, 0), scene(0, 1)]), scene(1, 0)])
    l_fcd = mean([max(0.0, cos(x["edit_image"][i, 0], text[i]) - base[i] + 0.30) for i in (0, 1)])
    assert l_csd > 0
    assert l_fcd > 0
    return expected_contrastive(x) + l_csd + l_fcd


def test_a_picture_that_is_no_negative_is_left_out() -> None:
    """Slot (0, 1) has a caption; its picture shows what is true, as that of a reversal does."""
    features = batch()

    def loss() -> float:
        return float(compute_loss("cf_vlm", features, **SETTINGS["cf_vlm"])["loss"])

    before = loss()
    features["edit_image"][0, 1] = features["pair_text"][0, 1]
    assert loss() == before
    features["edit_image_is_negative"][0, 1] = True
    assert loss() != before


def test_it_equals_the_equation_worked_by_hand() -> None:
    assert equals_by_hand("cf_vlm", expected_cf_vlm)


def test_two_plain_numbers() -> None:
    """Orthogonal pairs: cosines 1 and 0, so that a person can check it without a computer."""
    eye = torch.eye(2, dtype=torch.float64)
    same = {"image": eye, "text": eye, "full_image": eye[:, None], "full_text": eye[:, None],
            "edit_image": eye.flip(0)[:, None], "full_has_image": torch.ones(2, 1).bool(),
            "edit_image_is_negative": torch.ones(2, 1).bool()}  # fmt: skip
    parts = compute_loss("cf_vlm", same, logit_scale=1.0)
    assert float(parts["scene"]) == pytest.approx(0.25), "1 − 1 + m1"
    assert float(parts["edit"]) == 0.0, "0 − 1 + m2 < 0"


def test_opposite_counterfactuals_cost_nothing() -> None:
    features = batch()
    opposite = features | {
        "text": features["image"].clone(),
        "full_image": -features["full_text"],
        "edit_image": -features["image"][:, None].expand(B, K, D).clone(),
    }
    parts = compute_loss("cf_vlm", opposite, logit_scale=SCALE)
    assert float(parts["scene"]) == float(parts["edit"]) == 0.0


def test_what_it_needs_and_does_not_get_is_named() -> None:
    features = batch()
    with pytest.raises(ValueError, match="cf_vlm needs edit_image, edit_image_is_negative, full_"):
        compute_loss("cf_vlm", {"image": features["image"], "text": features["text"]})
