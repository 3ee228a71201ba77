"""TripletCLIP against the equation worked by hand."""

from __future__ import annotations

from torch import Tensor

from pipeline.training.vlm.losses import compute_loss
from tests.unit.training.vlm.losses.ragged import (
    SETTINGS,
    B,
    batch,
    cos,
    cross_entropy,
    equals_by_hand,
    expected_neg_clip,
    mean,
)


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


def test_it_equals_the_equation_worked_by_hand() -> None:
    assert equals_by_hand("triplet_clip", expected_triplet_clip)


def test_a_picture_that_is_no_negative_is_left_out() -> None:
    """Slot (0, 1) has a caption; its picture shows what is true, as that of a reversal does."""
    features = batch()

    def loss() -> float:
        return float(compute_loss("triplet_clip", features, **SETTINGS["triplet_clip"])["loss"])

    before = loss()
    features["edit_image"][0, 1] = features["pair_text"][0, 1]
    assert loss() == before
    features["edit_image_is_negative"][0, 1] = True
    assert loss() != before
