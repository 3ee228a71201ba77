"""Invariance to neutral variants: changes that must not move the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.training.vlm.losses.parts import (
    check_shapes,
    detached,
    mean_over,
    present,
    unit_features,
)

if TYPE_CHECKING:
    from torch import Tensor


def neutral(
    *,
    image: Tensor,
    text: Tensor,
    neutral_text: Tensor,
    neutral_mask: Tensor | None = None,
    has_image: Tensor | None = None,
    tolerance: float = 0.0,
) -> dict[str, Tensor]:
    """A paraphrase must score as its original does: this project's own guard, of no paper.

    `L = mean( max(0, |cos(I_i, N_ik) − cos(I_i, T_i)| − tolerance)² )` over the variants of
    anchors with a picture. It keeps a model from learning that every edit is a lie.

    Args:
        image: (batch, dim) floating; need not be normalised.
        text: (batch, dim) floating.
        neutral_text: (batch, variants, dim) floating; `variants` may be 0.
        neutral_mask: (batch, variants) bool; None: all are there.
        has_image: (batch,) bool; None: all have one.
        tolerance: Difference of cosines that costs nothing, ≥ 0.

    Returns:
        Scalars "loss", and without gradient "difference", the mean absolute one.
    """
    import torch

    batch, variants, dim = neutral_text.shape
    check_shapes(
        image=(image, (batch, dim)), text=(text, (batch, dim)), has_image=(has_image, (batch,)),
        neutral_mask=(neutral_mask, (batch, variants)),
    )  # fmt: skip
    shown = present(has_image, image)
    mask = present(neutral_mask, neutral_text)
    images = unit_features(image, shown)
    texts = unit_features(text, torch.ones_like(shown))
    score = (images * texts).sum(-1)[:, None]
    varied = (images[:, None] * unit_features(neutral_text, mask)).sum(-1)
    counted = mask & shown[:, None]
    difference = (varied - score).abs()
    loss = mean_over((difference - tolerance).relu().square(), counted)
    return {"loss": loss, **detached(difference=mean_over(difference, counted))}
