"""The losses over a batch and within pairs."""

from __future__ import annotations

import pytest

from pipeline.training.mini.contrast import contrast_loss, pair_loss


def test_a_true_match_is_no_negative() -> None:
    """Raising the score of a true caption of another picture must not raise the loss."""
    import torch

    scores = torch.zeros(4, 2)
    true = torch.tensor([[1, 0], [0, 1], [1, 1], [0, 1]], dtype=torch.bool)
    before = contrast_loss(scores, true)
    scores[2, 1] = 5.0  # caption 2 is of picture 0, and true of picture 1 as well
    assert float(contrast_loss(scores, true)) == pytest.approx(float(before))
    scores[1, 0] = 5.0  # caption 1 is false of picture 0
    assert float(contrast_loss(scores, true)) > float(before) + 0.5


def test_within_a_pair_the_own_caption_must_win() -> None:
    import torch

    true = torch.eye(4, dtype=torch.bool).repeat(2, 1)
    scores = torch.zeros(8, 4)
    scores[0, 0] = scores[1, 1] = 3.0
    scores[3, 2] = 3.0  # picture 2 prefers the caption of picture 3
    loss, preferred = pair_loss(scores, true)
    assert preferred == 0.5
    scores[3, 2], scores[2, 2], scores[3, 3] = 0.0, 3.0, 3.0
    better, preferred = pair_loss(scores, true)
    assert preferred == 1.0
    assert float(better) < float(loss)
