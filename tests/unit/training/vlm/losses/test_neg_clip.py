"""NegCLIP against the equation worked by hand."""

from __future__ import annotations

import pytest
import torch

from pipeline.training.vlm.losses import compute_loss
from tests.unit.training.vlm.losses.ragged import (
    SCALE,
    B,
    K,
    batch,
    equals_by_hand,
    expected_contrastive,
    expected_neg_clip,
)


def test_it_equals_the_equation_worked_by_hand() -> None:
    assert equals_by_hand("neg_clip", expected_neg_clip)


def test_pairs_and_where_they_are_captions_belong_together() -> None:
    features = batch()
    del features["pair_is_caption"]
    with pytest.raises(ValueError, match="give both or neither"):
        compute_loss("neg_clip", features, logit_scale=1.0)


def test_a_hard_negative_makes_it_larger() -> None:
    features = batch()
    none = features | {"edit_mask": torch.zeros(B, K).bool()}
    with_edits, without = (
        float(compute_loss("neg_clip", x, logit_scale=SCALE)["loss"]) for x in (features, none)
    )
    assert with_edits > without
    assert without == pytest.approx(expected_contrastive(features), rel=1e-10)
