"""Only reversals of cause and effect are hard negatives."""

from __future__ import annotations

from pipeline.training.vlm.losses import compute_loss
from tests.unit.training.vlm.losses.ragged import SCALE, batch, equals_by_hand, expected_neg_clip


def test_it_equals_the_equation_worked_by_hand() -> None:
    """Slot (0, 1) is the only reversal of the batch."""
    assert equals_by_hand("causal_clip", lambda x: expected_neg_clip(x, [(0, 1)]))


def test_edits_of_other_kinds_change_nothing() -> None:
    features = batch()

    def loss() -> float:
        return float(compute_loss("causal_clip", features, logit_scale=SCALE)["loss"])

    before = loss()
    features["edit_text"][0, 0] = features["image"][0]
    assert loss() == before
    features["edit_text"][0, 1] = features["image"][0]
    assert loss() > before
