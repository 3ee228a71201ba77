"""SigLIP's pairwise sigmoid loss (Zhai et al. 2023, arXiv 2303.15343), with hard negatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.training.vlm.losses.parts import (
    check_shapes,
    choose_pairs,
    detached,
    present,
    slot_weights,
    unit_features,
)

if TYPE_CHECKING:
    from torch import Tensor


def siglip(
    *,
    image: Tensor,
    text: Tensor,
    logit_scale: Tensor | float,
    logit_bias: Tensor | float,
    edit_text: Tensor | None = None,
    has_image: Tensor | None = None,
    edit_mask: Tensor | None = None,
    edit_balance_weight: Tensor | None = None,
    pair_text: Tensor | None = None,
    pair_is_caption: Tensor | None = None,
) -> dict[str, Tensor]:
    """Every image with every text, each a decision of its own.

    Section 3.2 and algorithm 1 of the paper: `L = −1/N Σ_i Σ_j log σ(z_ij (t·cos(I_i, T_j) +
    b))`, z = 1 for a pair and −1 otherwise, over the N anchors that have a picture. Given
    `edit_text`, the counterfactual captions are further columns with z = −1, and true wordings
    of their own are further columns with z = 1 for their anchor.

    Args:
        image: (batch, dim) floating; need not be normalised.
        text: (batch, dim) floating.
        logit_scale: t > 0 (after `exp`).
        logit_bias: b.
        edit_text: (batch, edits, dim) floating; None: the paper's loss.
        has_image: (batch,) bool; None: all have one.
        edit_mask: (batch, edits) bool; None: all are there.
        edit_balance_weight: (batch, edits) floating ≥ 0, what each edit counts beside others;
            None: all the same.
        pair_text: (batch, edits, dim) true wording of each edit; None: the caption.
        pair_is_caption: (batch, edits) bool, where that is the caption.

    Returns:
        Scalars "loss", and without gradient "positive", "negative", its two parts.
    """
    import torch
    from torch.nn.functional import logsigmoid

    batch, dim = text.shape
    check_shapes(image=(image, (batch, dim)), has_image=(has_image, (batch,)))
    shown = present(has_image, image)
    images = unit_features(image, shown)
    texts = unit_features(text, torch.ones_like(shown))
    same = torch.eye(batch, dtype=torch.bool, device=text.device)
    columns, is_true, counts = [texts], [same], [torch.ones_like(texts[:, 0])]
    if edit_text is not None:
        edits = edit_text.shape[1]
        check_shapes(
            edit_text=(edit_text, (batch, edits, dim)), edit_mask=(edit_mask, (batch, edits))
        )
        mask = present(edit_mask, edit_text)
        pairs, own = choose_pairs(texts, pair_text, pair_is_caption, mask)
        slot = same.repeat_interleave(edits, dim=1)
        columns += [pairs.reshape(-1, dim), unit_features(edit_text, mask).reshape(-1, dim)]
        is_true += [slot, torch.zeros_like(slot)]
        weight = slot_weights(edit_balance_weight, mask)
        counts += [(own * weight).reshape(-1), weight.reshape(-1)]
    truth = torch.cat(is_true, dim=1)
    counted = torch.cat(counts) * shown[:, None]
    logits = logit_scale * images @ torch.cat(columns).T + logit_bias
    losses = -logsigmoid(torch.where(truth, logits, -logits)) / shown.sum().clamp(min=1)
    positive = (losses * truth * counted).sum()
    negative = (losses * ~truth * counted).sum()
    return {"loss": positive + negative, **detached(positive=positive, negative=negative)}
