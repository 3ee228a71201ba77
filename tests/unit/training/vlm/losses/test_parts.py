"""What the losses have in common, part by part."""

from __future__ import annotations

import math

import pytest
import torch

from pipeline.training.vlm.losses.parts import (
    check_shapes,
    choose_pairs,
    masked_cross_entropy,
    mean_over,
    present,
    slot_weights,
    unit_features,
)


def test_features_get_length_one_and_masked_ones_are_zeros() -> None:
    features = torch.tensor([[3.0, 4.0], [float("nan"), 1.0]])
    found = unit_features(features, torch.tensor([True, False]))
    assert found.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0.0, 0.0]]
    assert unit_features(features.half(), torch.tensor([True, False])).dtype == torch.float32
    assert unit_features(features.double(), torch.tensor([True, False])).dtype == torch.float64


def test_a_mean_leaves_out_what_is_masked_and_is_zero_over_nothing() -> None:
    values = torch.tensor([1.0, 3.0, 100.0])
    assert float(mean_over(values, torch.tensor([True, True, False]))) == 2.0
    assert float(mean_over(values, torch.zeros(3).bool())) == 0.0


def test_weights_are_shares_of_the_greatest() -> None:
    mask = torch.tensor([[True, True], [True, False]])
    weight = torch.tensor([[0.25, 0.5], [0.0, float("nan")]])
    assert slot_weights(weight, mask).tolist() == [[0.5, 1.0], [0.0, 0.0]]
    assert slot_weights(3 * weight, mask).tolist() == [[0.5, 1.0], [0.0, 0.0]]
    assert slot_weights(weight[:, :0], mask[:, :0]).shape == (2, 0)
    assert slot_weights(None, mask).tolist() == mask.float().tolist()
    assert not slot_weights(torch.zeros(2, 2), mask).any()
    with pytest.raises(ValueError, match="edit_balance_weight must have shape"):
        slot_weights(torch.ones(2, 3), mask)


def test_a_column_of_weight_two_competes_as_two_columns_do() -> None:
    logits, target = torch.tensor([[1.0, 0.5, -0.3]]), torch.tensor([0])
    weighed = masked_cross_entropy(
        logits, target, torch.tensor([[0.0, 2.0, 0.0]]), torch.tensor([1.0])
    )
    twice = masked_cross_entropy(
        logits[:, [0, 1, 1]], target, torch.ones(1, 3).bool(), torch.tensor([True])
    )
    assert float(weighed) == pytest.approx(float(twice))
    assert float(weighed) == pytest.approx(math.log(1 + 2 * math.exp(-0.5)))
    rows = torch.tensor([1.0, 3.0])
    two = masked_cross_entropy(torch.zeros(2, 2), torch.tensor([0, 0]),
                               torch.tensor([[1.0, 1.0], [0.0, 0.0]]), rows)  # fmt: skip
    assert float(two) == pytest.approx(math.log(2) / 4), "a row of weight 3 stands thrice"


def test_a_wrong_shape_and_a_mask_of_numbers_are_named() -> None:
    check_shapes(text=(torch.zeros(2, 3), (-1, 3)), absent=(None, (7,)))
    with pytest.raises(ValueError, match=r"text must have shape \(-1, 4\), it has \(2, 3\)"):
        check_shapes(text=(torch.zeros(2, 3), (-1, 4)))
    with pytest.raises(ValueError, match="a mask must be bool, got torch.int64"):
        present(torch.ones(3).long(), torch.zeros(3, 2))
    assert present(None, torch.zeros(3, 2)).tolist() == [True] * 3


def test_each_row_competes_among_its_allowed_columns() -> None:
    logits = torch.zeros(2, 3)
    target = torch.tensor([0, 1])
    allowed = torch.tensor([[True, True, True], [False, False, True]])
    both = masked_cross_entropy(logits, target, allowed, torch.tensor([True, True]))
    assert float(both) == pytest.approx((math.log(3) + math.log(2)) / 2)
    second = masked_cross_entropy(logits, target, allowed, torch.tensor([False, True]))
    assert float(second) == pytest.approx(math.log(2)), "the target is allowed always"
    assert float(masked_cross_entropy(logits, target, allowed, torch.zeros(2).bool())) == 0.0


def test_the_positive_of_a_slot_is_its_own_wording_or_the_caption() -> None:
    captions = torch.tensor([[1.0, 0.0]])
    wording = torch.tensor([[[0.0, 2.0], [0.0, 2.0]]])
    is_caption = torch.tensor([[True, False]])
    pairs, own = choose_pairs(captions, wording, is_caption, torch.ones(1, 2).bool())
    assert pairs.tolist() == [[[1.0, 0.0], [0.0, 1.0]]]
    assert own.tolist() == [[False, True]]
    assert not choose_pairs(captions, None, None, torch.ones(1, 2).bool())[1].any()
    with pytest.raises(ValueError, match="give both or neither"):
        choose_pairs(captions, wording, None, torch.ones(1, 2).bool())
