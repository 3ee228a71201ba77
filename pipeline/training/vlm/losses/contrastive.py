"""CLIP's symmetric contrastive loss (Radford et al. 2021, arXiv 2103.00020, figure 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.training.vlm.losses.parts import (
    check_shapes,
    detached,
    masked_cross_entropy,
    present,
    unit_features,
)

if TYPE_CHECKING:
    from torch import Tensor


def contrastive(
    *, image: Tensor, text: Tensor, logit_scale: Tensor | float, has_image: Tensor | None = None
) -> dict[str, Tensor]:
    """Symmetric InfoNCE over the anchors of a batch.

    `L = ½ [ −log softmax_j(s·cos(I_i, T_j))_i − log softmax_i(s·cos(I_i, T_j))_j ]`, averaged
    over the anchors that have a picture. The captions of the others still are negatives.
    Several processes: gather the features first, with their gradient.

    Args:
        image: (batch, dim) floating; need not be normalised.
        text: (batch, dim) floating.
        logit_scale: s > 0, the inverse temperature (after `exp`).
        has_image: (batch,) bool; None: all have one.

    Returns:
        Scalars "loss", and without gradient "image_to_text", "text_to_image".
    """
    import torch

    batch, dim = text.shape
    check_shapes(image=(image, (batch, dim)), has_image=(has_image, (batch,)))
    rows = present(has_image, image)
    images = unit_features(image, rows)
    texts = unit_features(text, torch.ones_like(rows))
    logits = logit_scale * images @ texts.T
    target = torch.arange(batch, device=text.device)
    to_text = masked_cross_entropy(logits, target, torch.ones_like(logits, dtype=torch.bool), rows)
    to_image = masked_cross_entropy(logits.T, target, rows.expand(batch, batch), rows)
    return {
        "loss": (to_text + to_image) / 2,
        **detached(image_to_text=to_text, text_to_image=to_image),
    }
