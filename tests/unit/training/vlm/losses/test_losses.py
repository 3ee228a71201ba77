"""What every loss promises: its gradient, and what a mask must not let in."""

from __future__ import annotations

import inspect
import math

import pytest
import torch
from torch import Tensor

from pipeline.training.vlm.losses import OBJECTIVES, compute_loss
from tests.unit.training.vlm.losses.ragged import FEATURES, SETTINGS, B, batch, masks, with_gradient

names = pytest.mark.parametrize("name", sorted(OBJECTIVES))
weighing = pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name, loss in OBJECTIVES.items()
        if "edit_balance_weight" in inspect.signature(loss).parameters
    ),
)
WEIGHTS = torch.tensor([[0.3, 1.0], [0.8, 0.5], [0.2, 0.7]], dtype=torch.float64)


@names
def test_gradient_is_that_of_the_function(name: str) -> None:
    features = with_gradient(batch())
    leaves = {key: value for key, value in features.items() if value.requires_grad}

    def loss(*values: Tensor) -> Tensor:
        changed = features | dict(zip(leaves, values, strict=True))
        return compute_loss(name, changed, **SETTINGS[name])["loss"]

    assert torch.autograd.gradcheck(loss, tuple(leaves.values()))


@names
@pytest.mark.parametrize("garbage", [float("nan"), float("inf"), 1e6])
def test_what_is_masked_changes_nothing(name: str, garbage: float) -> None:
    clean, dirty = with_gradient(batch()), batch()
    for feature, mask in masks(dirty).items():
        dirty[feature][~mask] = garbage
    dirty = with_gradient(dirty)
    for features in (clean, dirty):
        compute_loss(name, features, **SETTINGS[name])["loss"].backward()
    one, other = (compute_loss(name, x, **SETTINGS[name]) for x in (clean, dirty))
    assert one.keys() == other.keys()
    assert all(torch.equal(value, other[key]) for key, value in one.items())
    used = [key for key in {*FEATURES, "text"} if clean[key].grad is not None]
    assert used
    for key in used:
        gradient = dirty[key].grad
        assert gradient is not None
        assert torch.equal(gradient, clean[key].grad), key
        if key in FEATURES:
            assert not gradient[~masks(dirty)[key]].any(), f"{key}: a masked slot has a gradient"


@names
@pytest.mark.parametrize("case", ["no edits", "no image", "all masked", "one anchor"])
def test_nothing_to_compare_is_no_nan(name: str, case: str) -> None:
    features = batch(edits=0, fulls=0) if case == "no edits" else batch()
    if case in {"no image", "all masked"}:
        features["has_image"].fill_(False)  # noqa: FBT003
    if case == "no image":
        features["edit_image_is_negative"].fill_(False)  # noqa: FBT003
    if case == "all masked":
        for mask in ("edit_mask", "neutral_mask", "edit_image_is_negative", "full_has_image"):
            features[mask].fill_(False)  # noqa: FBT003
    if case == "one anchor":
        features = {k: v if k == "thresholds" else v[:1] for k, v in features.items()}
    for feature, mask in masks(features).items():
        features[feature][~mask] = float("nan")
    features = with_gradient(features)
    result = compute_loss(name, features, **SETTINGS[name])
    assert all(math.isfinite(value.detach()) for value in result.values())
    result["loss"].backward()
    for key in {*FEATURES, "text"}:
        gradient = features[key].grad
        assert gradient is None or torch.isfinite(gradient).all(), key
        if case in {"no image", "all masked"} and gradient is not None:
            assert not gradient.any(), key
    if case in {"no image", "all masked"}:
        assert float(result["loss"].detach()) == 0.0


@names
def test_half_precision_features_are_computed_in_float32(name: str) -> None:
    exact = batch()
    half = {k: v.bfloat16() if v.is_floating_point() else v for k, v in exact.items()}
    loss = compute_loss(name, half, **SETTINGS[name])["loss"]
    assert loss.dtype == torch.float32
    rounded = {k: v.double() if v.is_floating_point() else v for k, v in half.items()}
    reference = compute_loss(name, rounded, **SETTINGS[name])["loss"]
    assert float(loss) == pytest.approx(float(reference), rel=1e-5)


def test_the_losses_with_edits_weigh_them() -> None:
    assert weighing.args[1] == [
        "causal_clip",
        "ce_clip",
        "cf_vlm",
        "neg_clip",
        "siglip",
        "triplet_clip",
    ]


@weighing
def test_weight_zero_is_a_mask_and_equal_weights_are_none(name: str) -> None:
    features = batch()
    features["edit_is_causal"][1, 0] = True
    # One of at least two edits that the loss looks at.
    slot = (0, 1) if name == "causal_clip" else (0, 0)

    def parts(**changes: Tensor) -> dict[str, float]:
        found = compute_loss(name, features | changes, **SETTINGS[name])
        return {key: float(value) for key, value in found.items()}

    plain = parts()
    for value in (1.0, 0.2):
        weight = torch.full_like(WEIGHTS, value)
        assert parts(edit_balance_weight=weight) == pytest.approx(plain, rel=1e-6)
    zero = WEIGHTS.new_ones(WEIGHTS.shape)
    zero[slot] = 0
    masked = {key: features[key].clone() for key in ("edit_mask", "edit_image_is_negative")}
    for mask in masked.values():
        mask[slot] = False
    without = parts(**masked)
    assert without != pytest.approx(plain, rel=1e-3), "the slot matters"
    assert parts(edit_balance_weight=zero) == pytest.approx(without, rel=1e-6)
    zero[slot] = 1e-9
    assert parts(edit_balance_weight=zero) == pytest.approx(without, rel=1e-3), "no jump at 0"


@weighing
def test_weights_have_the_gradient_of_the_function_and_no_say_where_masked(name: str) -> None:
    features = with_gradient(batch() | {"edit_balance_weight": WEIGHTS})
    leaves = {key: value for key, value in features.items() if value.requires_grad}

    def loss(*values: Tensor) -> Tensor:
        changed = features | dict(zip(leaves, values, strict=True))
        return compute_loss(name, changed, **SETTINGS[name])["loss"]

    assert torch.autograd.gradcheck(loss, tuple(leaves.values()))
    value = loss(*leaves.values())
    features["edit_balance_weight"] = WEIGHTS.masked_fill(~features["edit_mask"], float("nan"))
    assert torch.equal(loss(*leaves.values()), value)
    features["edit_balance_weight"] = torch.zeros_like(WEIGHTS)
    assert torch.isfinite(loss(*leaves.values()))


def test_wrong_shapes_and_missing_features_are_named() -> None:
    features = batch()
    with pytest.raises(ValueError, match=r"has_image must have shape \(3,\), it has \(2,\)"):
        compute_loss("contrastive", features | {"has_image": torch.ones(2).bool()}, logit_scale=1.0)
    with pytest.raises(ValueError, match="cf_vlm needs edit_image, edit_image_is_negative, full_"):
        compute_loss("cf_vlm", {"image": features["image"], "text": features["text"]})
    with pytest.raises(ValueError, match="no loss is called 'clip'; there are"):
        compute_loss("clip", features)
    with pytest.raises(ValueError, match="a mask must be bool, got torch.int64"):
        compute_loss("contrastive", features | {"has_image": torch.ones(B).long()}, logit_scale=1.0)
    del features["pair_is_caption"]
    with pytest.raises(ValueError, match="give both or neither"):
        compute_loss("neg_clip", features, logit_scale=1.0)
