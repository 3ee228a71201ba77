"""A ragged batch of features with its masks, and the equations that several losses share."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from pipeline.training.vlm.losses import OBJECTIVES, compute_loss

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


def equals_by_hand(name: str, expected: Callable[[dict[str, Tensor]], float]) -> bool:
    """Whether a loss is what the equation says, on two batches."""
    values = [
        (float(compute_loss(name, features, **SETTINGS[name])["loss"]), expected(features))
        for features in (batch(seed=0), batch(seed=1))
    ]
    return all(found == pytest.approx(wanted, rel=1e-10) for found, wanted in values)
