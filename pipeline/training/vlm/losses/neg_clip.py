"""NegCLIP: contrast with hard negative captions (Yuksekgonul et al. 2023, arXiv 2210.01936)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.training.vlm.losses.hard_negatives import Images, Negatives, Texts, contrast
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


def neg_clip(
    *,
    image: Tensor,
    text: Tensor,
    edit_text: Tensor,
    logit_scale: Tensor | float,
    has_image: Tensor | None = None,
    edit_mask: Tensor | None = None,
    edit_balance_weight: Tensor | None = None,
    pair_text: Tensor | None = None,
    pair_is_caption: Tensor | None = None,
) -> dict[str, Tensor]:
    """CLIP's loss with the counterfactual captions of the whole batch as further texts.

    Section 4 of the paper: the N images are compared with the N captions and the hard negative
    captions, `L = ½ [ CE(s·I [T; T⁻]ᵀ) + CE(s·T Iᵀ) ]`; hard negatives have no column among
    the images. A negative whose true wording is not the caption is put beside that wording: it
    is a further pair `(I_i, P_ik)`, and the caption does not compete with it. With no such
    wording this is the paper's loss exactly.

    Args:
        image: (batch, dim) floating; need not be normalised.
        text: (batch, dim) floating.
        edit_text: (batch, edits, dim) floating; `edits` may be 0.
        logit_scale: s > 0, the inverse temperature (after `exp`).
        has_image: (batch,) bool; None: all have one.
        edit_mask: (batch, edits) bool; None: all are there.
        edit_balance_weight: (batch, edits) floating ≥ 0, what each edit counts beside others;
            None: all the same.
        pair_text: (batch, edits, dim) true wording of each edit; None: the caption.
        pair_is_caption: (batch, edits) bool, where that is the caption.

    Returns:
        Scalars "loss", and without gradient "image_to_text", "text_to_image".
    """
    import torch

    batch, edits, dim = edit_text.shape
    check_shapes(
        image=(image, (batch, dim)), text=(text, (batch, dim)), has_image=(has_image, (batch,)),
        edit_mask=(edit_mask, (batch, edits)), pair_text=(pair_text, (batch, edits, dim)),
        pair_is_caption=(pair_is_caption, (batch, edits)),
    )  # fmt: skip
    shown = present(has_image, image)
    mask = present(edit_mask, edit_text)
    images = unit_features(image, shown)
    texts = unit_features(text, torch.ones_like(shown))
    pairs, own = choose_pairs(texts, pair_text, pair_is_caption, mask)

    anchor = torch.arange(batch, device=text.device)
    slot_anchor = anchor.repeat_interleave(edits)
    slots = batch * edits
    own_wording = own.reshape(slots)
    weight = slot_weights(edit_balance_weight, mask)
    slot_weight, anchor_weight = weight.reshape(slots), weight.new_ones(batch)
    to_text, to_image = contrast(
        Images(images, anchor, shown * anchor_weight),
        Texts(
            torch.cat([texts, pairs.reshape(slots, dim)]),
            torch.cat([anchor, slot_anchor]),
            torch.cat([anchor_weight, own_wording * slot_weight]),
        ),
        Negatives(
            unit_features(edit_text, mask).reshape(slots, dim),
            slot_anchor,
            slot_weight,
            torch.cat(
                [
                    (anchor[:, None] == slot_anchor) & ~own_wording,
                    torch.eye(slots, dtype=torch.bool, device=text.device),
                ]
            ),
        ),
        logit_scale,
    )
    return {
        "loss": (to_text + to_image) / 2,
        **detached(image_to_text=to_text, text_to_image=to_image),
    }
