"""CE-CLIP: contrast within the texts and rank across (Zhang et al. 2024, arXiv 2306.08832)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.training.vlm.losses.neg_clip import neg_clip
from pipeline.training.vlm.losses.parts import (
    check_shapes,
    choose_pairs,
    detached,
    masked_cross_entropy,
    mean_over,
    present,
    slot_weights,
    unit_features,
)

if TYPE_CHECKING:
    from torch import Tensor


def ce_clip(
    *,
    image: Tensor,
    text: Tensor,
    edit_text: Tensor,
    logit_scale: Tensor | float,
    thresholds: Tensor | None = None,
    edit_kind: Tensor | None = None,
    has_image: Tensor | None = None,
    edit_mask: Tensor | None = None,
    edit_balance_weight: Tensor | None = None,
    pair_text: Tensor | None = None,
    pair_is_caption: Tensor | None = None,
    intra_weight: float = 0.2,
    rank_weight: float = 0.4,
) -> dict[str, Tensor]:
    """`L = L_itc + α L_imc + β L_cmr`, as in section 3 of the paper and in its authors' code.

    With S = s·cos, i an anchor, k one of its edits, P_ik the edit's true wording (the caption
    in the paper), and everything averaged over the slots of anchors with a picture:

    * `L_itc`: :func:`neg_clip`.
    * `L_imc = −log( e^S(I_i, P_ik) / (e^S(I_i, P_ik) + Σ_j e^S(P_ik, T⁻_j)) )`: the image must
      be nearer to its text than any negative text of the batch is.
    * `L_cmr = max(0, S(I_i, T⁻_ik) − S(I_i, P_ik) + Th)`: the true text outranks the edit by a
      threshold for each kind of edit that grows as the model learns; see
      :func:`next_thresholds`.

    Args:
        image: (batch, dim) floating; need not be normalised.
        text: (batch, dim) floating.
        edit_text: (batch, edits, dim) floating; `edits` may be 0.
        logit_scale: s > 0, the inverse temperature (after `exp`).
        thresholds: (kinds,) floating, on the scale of the logits; None: 0, as at the start.
        edit_kind: (batch, edits) int64, which threshold applies; needed with `thresholds`.
        has_image: (batch,) bool; None: all have one.
        edit_mask: (batch, edits) bool; None: all are there.
        edit_balance_weight: (batch, edits) floating ≥ 0, what each edit counts beside others;
            None: all the same.
        pair_text: (batch, edits, dim) true wording of each edit; None: the caption.
        pair_is_caption: (batch, edits) bool, where that is the caption.
        intra_weight: α.
        rank_weight: β.

    Returns:
        Scalars "loss", and without gradient "contrastive", "intra_modal", "rank".
    """
    import torch

    contrastive = neg_clip(
        image=image, text=text, edit_text=edit_text, logit_scale=logit_scale,
        has_image=has_image, edit_mask=edit_mask, edit_balance_weight=edit_balance_weight,
        pair_text=pair_text, pair_is_caption=pair_is_caption,
    )["loss"]  # fmt: skip
    batch, edits, dim = edit_text.shape
    slots = batch * edits
    mask = present(edit_mask, edit_text)
    weight = slot_weights(edit_balance_weight, mask)
    valid = weight * present(has_image, image)[:, None]
    pairs, right, wrong = _similarities(
        image, text, edit_text, has_image, mask, pair_text, pair_is_caption
    )
    negatives = unit_features(edit_text, mask).reshape(slots, dim)
    logits = torch.cat([right.reshape(slots, 1), pairs.reshape(slots, dim) @ negatives.T], dim=1)
    allowed = torch.nn.functional.pad(weight.reshape(1, slots), (1, 0), value=1)
    intra = masked_cross_entropy(
        logit_scale * logits,
        torch.zeros(slots, dtype=torch.long, device=text.device),
        allowed.expand(slots, slots + 1),
        valid.reshape(slots),
    )
    threshold = _threshold(thresholds, edit_kind, mask)
    rank = mean_over((logit_scale * (wrong - right) + threshold).relu(), valid)
    return {
        "loss": contrastive + intra_weight * intra + rank_weight * rank,
        **detached(contrastive=contrastive, intra_modal=intra, rank=rank),
    }


def next_thresholds(
    *,
    image: Tensor,
    text: Tensor,
    edit_text: Tensor,
    logit_scale: Tensor | float,
    edit_kind: Tensor,
    kinds: int,
    has_image: Tensor | None = None,
    edit_mask: Tensor | None = None,
    edit_balance_weight: Tensor | None = None,
    pair_text: Tensor | None = None,
    pair_is_caption: Tensor | None = None,
    most: float = 10.0,
) -> Tensor:
    """The thresholds of the next step: by how much, on average, each kind is told apart now.

    `Th = min(most, mean(S(I_i, P_ik) − S(I_i, T⁻_ik)))` over the slots of the kind, without
    gradient; 0 for a kind that the batch lacks. The arguments are those of :func:`ce_clip`.

    Args:
        image: (batch, dim) floating.
        text: (batch, dim) floating.
        edit_text: (batch, edits, dim) floating.
        logit_scale: s.
        edit_kind: (batch, edits) int64 below `kinds`; anything where masked.
        kinds: Number of kinds.
        has_image: (batch,) bool.
        edit_mask: (batch, edits) bool.
        edit_balance_weight: (batch, edits) floating ≥ 0.
        pair_text: (batch, edits, dim).
        pair_is_caption: (batch, edits) bool.
        most: Upper bound, on the scale of the logits.

    Returns:
        (kinds,) floating.
    """
    import torch

    with torch.no_grad():
        mask = present(edit_mask, edit_text)
        valid = slot_weights(edit_balance_weight, mask) * present(has_image, image)[:, None]
        _, right, wrong = _similarities(
            image, text, edit_text, has_image, mask, pair_text, pair_is_caption
        )
        gap = logit_scale * (right - wrong)
        means = [mean_over(gap, valid * (edit_kind == kind)) for kind in range(kinds)]
        return torch.stack(means).clamp(max=most)


def _similarities(
    image: Tensor,
    text: Tensor,
    edit_text: Tensor,
    has_image: Tensor | None,
    mask: Tensor,
    pair_text: Tensor | None,
    pair_is_caption: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """True wordings (batch, edits, dim), and the cosines of the image with them and the edits."""
    import torch

    shown = present(has_image, image)
    images = unit_features(image, shown)[:, None]
    texts = unit_features(text, torch.ones_like(shown))
    pairs, _ = choose_pairs(texts, pair_text, pair_is_caption, mask)
    return pairs, (images * pairs).sum(-1), (images * unit_features(edit_text, mask)).sum(-1)


def _threshold(thresholds: Tensor | None, edit_kind: Tensor | None, mask: Tensor) -> Tensor | float:
    if thresholds is None:
        return 0.0
    if edit_kind is None:
        raise ValueError("thresholds are given for each kind: give edit_kind too")
    check_shapes(edit_kind=(edit_kind, tuple(mask.shape)))
    # The kind of a masked slot may be any number.
    return thresholds.detach()[edit_kind.masked_fill(~mask, 0)]
