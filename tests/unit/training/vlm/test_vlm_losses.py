"""Every loss against the equation worked by hand, its gradient, and what a mask must not let in."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from pipeline.training.vlm.losses import OBJECTIVES, compute_loss, next_thresholds

B, K, F, D = 3, 2, 2, 4
SCALE = 5.0
SETTINGS: dict[str, dict[str, float]] = {
    name: {} if name == "neutral" else {"logit_scale": SCALE} for name in OBJECTIVES
}
SETTINGS["siglip"]["logit_bias"] = -2.0


def batch(*, edits: int = K, fulls: int = F, seed: int = 0) -> dict[str, Tensor]:
    """A ragged batch: anchor 2 has no picture, and slots are missing here and there."""
    generator = torch.Generator().manual_seed(seed)

    def features(*shape: int) -> Tensor:
        return torch.randn(*shape, D, generator=generator, dtype=torch.float64)

    edit_mask = torch.tensor([[True, True], [True, False], [True, True]])[:, :edits]
    return {
        "image": features(B),
        "text": features(B),
        "edit_image": features(B, edits),
        "edit_text": features(B, edits),
        "pair_text": features(B, edits),
        "full_image": features(B, fulls),
        "full_text": features(B, fulls),
        "neutral_text": features(B, edits),
        "neutral_mask": edit_mask,
        "has_image": torch.tensor([True, True, False]),
        "edit_mask": edit_mask,
        "edit_image_is_negative": torch.tensor([[True, False], [True, False], [True, False]])[
            :, :edits
        ],
        "edit_is_causal": torch.tensor([[False, True], [False, False], [False, False]])[:, :edits],
        "pair_is_caption": torch.tensor([[True, False], [True, True], [True, True]])[:, :edits],
        "full_has_image": torch.tensor([[True, True], [True, False], [False, False]])[:, :fulls],
        "edit_kind": torch.tensor([[0, 1], [1, 7], [0, 1]])[:, :edits],
        "thresholds": torch.tensor([1.5, 0.5], dtype=torch.float64),
    }


FEATURES = {
    "image": "has_image",
    "edit_image": "edit_image_is_negative",
    "edit_text": "edit_mask",
    "pair_text": "pair_text_mask",
    "full_image": "full_has_image",
    "full_text": "full_has_image",
    "neutral_text": "neutral_mask",
}


def masks(features: dict[str, Tensor]) -> dict[str, Tensor]:
    """Feature → where its content may matter."""
    own = features["edit_mask"] & ~features["pair_is_caption"]
    known = features | {"pair_text_mask": own}
    return {name: known[mask] for name, mask in FEATURES.items()}


def with_gradient(features: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        name: value.clone().requires_grad_() if name in {*FEATURES, "text"} else value
        for name, value in features.items()
    }


def cos(a: Tensor, b: Tensor) -> float:
    return float((a @ b) / (a.norm() * b.norm()))


def cross_entropy(right: float, others: list[float]) -> float:
    return math.log(sum(math.exp(SCALE * x) for x in [right, *others])) - SCALE * right


def mean(values: list[float]) -> float:
    assert values
    return sum(values) / len(values)


def expected_contrastive(x: dict[str, Tensor]) -> float:
    image, text = x["image"], x["text"]
    to_text = [
        cross_entropy(cos(image[i], text[i]), [cos(image[i], text[j]) for j in range(B) if j != i])
        for i in (0, 1)
    ]
    to_image = [cross_entropy(cos(image[i], text[i]), [cos(image[1 - i], text[i])]) for i in (0, 1)]
    return (mean(to_text) + mean(to_image)) / 2


def expected_neg_clip(x: dict[str, Tensor], slots: list[tuple[int, int]] | None = None) -> float:
    """Pairs (image, true text) by hand: two captions, and one wording of an edit's own."""
    image, text, edit, pair = x["image"], x["text"], x["edit_text"], x["pair_text"]
    slots = [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1)] if slots is None else slots
    own = [slot for slot in slots if slot == (0, 1)]
    true = [(i, text[i], None) for i in range(B)] + [(i, pair[i, k], (i, k)) for i, k in own]
    to_text, to_image = [], []
    for i, positive, slot in true:
        if i == 2:
            continue
        others = [cos(image[i], other) for j, other, _ in true if j != i]
        for j, k in slots:
            is_mine = (j, k) == slot if slot else (j == i and (j, k) not in own)
            if j != i or is_mine:
                others.append(cos(image[i], edit[j, k]))
        to_text.append(cross_entropy(cos(image[i], positive), others))
        to_image.append(cross_entropy(cos(image[i], positive), [cos(image[1 - i], positive)]))
    return (mean(to_text) + mean(to_image)) / 2


def expected_triplet_clip(x: dict[str, Tensor]) -> float:
    """Second term: edits 0,0 and 1,0 and 2,0 have pictures; texts of all slots compete."""
    image, text, edit, pair = x["edit_image"], x["text"], x["edit_text"], x["pair_text"]
    slots = [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1)]
    to_text, to_image = [], []
    for i in range(B):
        mine = image[i, 0]
        others = [cos(mine, edit[j, k]) for j, k in slots if j != i]
        others += [cos(mine, text[i])]
        others += [cos(mine, pair[0, 1] if (j, k) == (0, 1) else text[j])
                   for j, k in slots if j != i]  # fmt: skip
        right = cos(mine, edit[i, 0])
        to_text.append(cross_entropy(right, others))
        to_image.append(
            cross_entropy(right, [cos(image[j, 0], edit[i, 0]) for j in range(B) if j != i])
        )
    return expected_neg_clip(x) + (mean(to_text) + mean(to_image)) / 2


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


def expected_neutral(x: dict[str, Tensor]) -> float:
    differences = [
        cos(x["image"][i], x["neutral_text"][i, k]) - cos(x["image"][i], x["text"][i])
        for i, k in [(0, 0), (0, 1), (1, 0)]
    ]
    return mean([value**2 for value in differences])


EXPECTED: dict[str, Callable[[dict[str, Tensor]], float]] = {
    "contrastive": expected_contrastive,
    "neg_clip": expected_neg_clip,
    "triplet_clip": expected_triplet_clip,
    "ce_clip": expected_ce_clip,
    "causal_clip": lambda x: expected_neg_clip(x, [(0, 1)]),
    "cf_vlm": expected_cf_vlm,
    "siglip": expected_siglip,
    "neutral": expected_neutral,
}
names = pytest.mark.parametrize("name", sorted(OBJECTIVES))


@names
@pytest.mark.parametrize("seed", [0, 1])
def test_equals_the_equation_worked_by_hand(name: str, seed: int) -> None:
    features = batch(seed=seed)
    loss = compute_loss(name, features, **SETTINGS[name])["loss"]
    assert float(loss) == pytest.approx(EXPECTED[name](features), rel=1e-10)


def test_two_plain_numbers() -> None:
    """Orthogonal pairs: cosines 1 and 0, so that a person can check it without a computer."""
    eye = torch.eye(2, dtype=torch.float64)
    result = compute_loss("contrastive", {"image": 3 * eye, "text": eye}, logit_scale=1.0)
    assert float(result["loss"]) == pytest.approx(math.log(1 + math.exp(-1)))
    same = {"image": eye, "text": eye, "full_image": eye[:, None], "full_text": eye[:, None],
            "edit_image": eye.flip(0)[:, None], "full_has_image": torch.ones(2, 1).bool(),
            "edit_image_is_negative": torch.ones(2, 1).bool()}  # fmt: skip
    parts = compute_loss("cf_vlm", same, logit_scale=1.0)
    assert float(parts["scene"]) == pytest.approx(0.25), "1 − 1 + m1"
    assert float(parts["edit"]) == 0.0, "0 − 1 + m2 < 0"


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


def test_a_picture_that_is_no_negative_is_left_out() -> None:
    """Slot (0, 1) has a caption; its picture shows what is true, as that of a reversal does."""
    for name in ("cf_vlm", "triplet_clip"):
        features = batch()
        before = float(compute_loss(name, features, **SETTINGS[name])["loss"])
        features["edit_image"][0, 1] = features["pair_text"][0, 1]
        assert float(compute_loss(name, features, **SETTINGS[name])["loss"]) == before
        features["edit_image_is_negative"][0, 1] = True
        assert float(compute_loss(name, features, **SETTINGS[name])["loss"]) != before


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


def test_zero_where_the_equation_says_zero() -> None:
    features = batch()
    features["neutral_text"] = 2 * features["text"][:, None].expand(B, K, D).clone()
    assert float(compute_loss("neutral", features)["loss"]) == pytest.approx(0.0, abs=1e-30)
    opposite = features | {
        "text": features["image"].clone(),
        "full_image": -features["full_text"],
        "edit_image": -features["image"][:, None].expand(B, K, D).clone(),
    }
    parts = compute_loss("cf_vlm", opposite, logit_scale=SCALE)
    assert float(parts["scene"]) == float(parts["edit"]) == 0.0
    ranked = opposite | {
        "edit_text": -features["image"][:, None].expand(B, K, D).clone(),
        "pair_is_caption": torch.ones(B, K).bool(),
    }
    assert float(compute_loss("ce_clip", ranked, logit_scale=SCALE)["rank"]) == 0.0


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


@names
def test_half_precision_features_are_computed_in_float32(name: str) -> None:
    exact = batch()
    half = {k: v.bfloat16() if v.is_floating_point() else v for k, v in exact.items()}
    loss = compute_loss(name, half, **SETTINGS[name])["loss"]
    assert loss.dtype == torch.float32
    rounded = {k: v.double() if v.is_floating_point() else v for k, v in half.items()}
    reference = compute_loss(name, rounded, **SETTINGS[name])["loss"]
    assert float(loss) == pytest.approx(float(reference), rel=1e-5)


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
