"""CausalCLIP: fine-tuning on sentences whose cause and effect are exchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.training.vlm.losses.neg_clip import neg_clip
from pipeline.training.vlm.losses.parts import check_shapes, present

if TYPE_CHECKING:
    from torch import Tensor


def causal_clip(
    *,
    image: Tensor,
    text: Tensor,
    edit_text: Tensor,
    logit_scale: Tensor | float,
    edit_is_causal: Tensor,
    has_image: Tensor | None = None,
    edit_mask: Tensor | None = None,
    edit_balance_weight: Tensor | None = None,
    pair_text: Tensor | None = None,
    pair_is_caption: Tensor | None = None,
) -> dict[str, Tensor]:
    """NegCLIP's loss with the reversals of cause and effect as its only hard negatives.

    Weng et al. 2025, arXiv 2506.00869, fine-tune CLIP on hard negatives that exchange cause
    and effect; the objective is that of :func:`neg_clip`. The picture is the factual one,
    which both orders share: no picture of a reversal is used. Anchors without such an edit take
    part with their caption.

    Args:
        image: (batch, dim) floating; need not be normalised.
        text: (batch, dim) floating.
        edit_text: (batch, edits, dim) floating; `edits` may be 0.
        logit_scale: s > 0, the inverse temperature (after `exp`).
        edit_is_causal: (batch, edits) bool, where the edit has the kind `causal_order`.
        has_image: (batch,) bool; None: all have one.
        edit_mask: (batch, edits) bool; None: all are there.
        edit_balance_weight: (batch, edits) floating ≥ 0, what each edit counts beside others;
            None: all the same.
        pair_text: (batch, edits, dim) true wording of each edit; None: the caption.
        pair_is_caption: (batch, edits) bool, where that is the caption.

    Returns:
        Scalars "loss", and without gradient "image_to_text", "text_to_image".
    """
    check_shapes(edit_is_causal=(edit_is_causal, tuple(edit_text.shape[:2])))
    causal = present(edit_mask, edit_text) & present(edit_is_causal, edit_text)
    return neg_clip(
        image=image, text=text, edit_text=edit_text, logit_scale=logit_scale,
        has_image=has_image, edit_mask=causal, edit_balance_weight=edit_balance_weight,
        pair_text=pair_text, pair_is_caption=pair_is_caption,
    )  # fmt: skip
