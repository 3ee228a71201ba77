"""TripletCLIP: hard negative captions and hard negative images (Patel et al. 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.training.vlm.losses.hard_negatives import Images, Negatives, Texts, contrast
from pipeline.training.vlm.losses.neg_clip import neg_clip
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


def triplet_clip(
    *,
    image: Tensor,
    text: Tensor,
    edit_image: Tensor,
    edit_text: Tensor,
    logit_scale: Tensor | float,
    edit_image_is_negative: Tensor,
    has_image: Tensor | None = None,
    edit_mask: Tensor | None = None,
    edit_balance_weight: Tensor | None = None,
    pair_text: Tensor | None = None,
    pair_is_caption: Tensor | None = None,
) -> dict[str, Tensor]:
    """NegCLIP both ways round: factual beside counterfactual, and counterfactual beside factual.

    arXiv 2411.02545, section 3: `L = L_neg(X, Y, Y′) + L_neg(X′, Y′, Y)`, with X images, Y
    captions, a prime for the counterfactual, and `L_neg` of :func:`neg_clip`. In the second
    term a slot without a picture that is a negative is left out. Other edits of the same anchor
    are no negatives there: "the dog is not sitting" is true of the picture of a standing dog.

    Args:
        image: (batch, dim) floating; need not be normalised.
        text: (batch, dim) floating.
        edit_image: (batch, edits, dim) floating; `edits` may be 0.
        edit_text: (batch, edits, dim) floating.
        logit_scale: s > 0, the inverse temperature (after `exp`).
        edit_image_is_negative: (batch, edits) bool, where there is a picture that shows
            something else than the factual one.
        has_image: (batch,) bool; None: all have one.
        edit_mask: (batch, edits) bool; None: all are there.
        edit_balance_weight: (batch, edits) floating ≥ 0, what each edit counts beside others;
            None: all the same.
        pair_text: (batch, edits, dim) true wording of each edit; None: the caption.
        pair_is_caption: (batch, edits) bool, where that is the caption.

    Returns:
        Scalars "loss", and without gradient "factual" and "counterfactual", the two terms.
    """
    import torch

    batch, edits, dim = edit_text.shape
    check_shapes(
        edit_image=(edit_image, (batch, edits, dim)),
        edit_image_is_negative=(edit_image_is_negative, (batch, edits)),
    )
    factual = neg_clip(
        image=image, text=text, edit_text=edit_text, logit_scale=logit_scale,
        has_image=has_image, edit_mask=edit_mask, edit_balance_weight=edit_balance_weight,
        pair_text=pair_text, pair_is_caption=pair_is_caption,
    )["loss"]  # fmt: skip
    mask = present(edit_mask, edit_text)
    shown = mask & present(edit_image_is_negative, edit_image)
    texts = unit_features(text, torch.ones(batch, dtype=torch.bool, device=text.device))
    pairs, _ = choose_pairs(texts, pair_text, pair_is_caption, mask)
    slots = batch * edits
    weight = slot_weights(edit_balance_weight, mask).reshape(slots)
    anchor = torch.arange(batch, device=text.device).repeat_interleave(edits)
    to_text, to_image = contrast(
        Images(
            unit_features(edit_image, shown).reshape(slots, dim),
            anchor,
            shown.reshape(slots) * weight,
        ),
        Texts(
            unit_features(edit_text, mask).reshape(slots, dim),
            torch.arange(slots, device=text.device),
            weight,
        ),
        Negatives(
            pairs.reshape(slots, dim),
            anchor,
            weight,
            torch.eye(slots, dtype=torch.bool, device=text.device),
        ),
        logit_scale,
    )
    counterfactual = (to_text + to_image) / 2
    return {
        "loss": factual + counterfactual,
        **detached(factual=factual, counterfactual=counterfactual),
    }
