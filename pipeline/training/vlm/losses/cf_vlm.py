"""CF-VLM: alignment, whole counterfactual scenes and minimal edits (arXiv 2506.17267)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.training.vlm.losses.contrastive import contrastive
from pipeline.training.vlm.losses.parts import (
    check_shapes,
    choose_pairs,
    detached,
    mean_over,
    present,
    slot_weights,
    unit_features,
)

if TYPE_CHECKING:
    from torch import Tensor


def cf_vlm(
    *,
    image: Tensor,
    text: Tensor,
    full_image: Tensor,
    full_text: Tensor,
    edit_image: Tensor,
    logit_scale: Tensor | float,
    full_has_image: Tensor,
    edit_image_is_negative: Tensor,
    has_image: Tensor | None = None,
    edit_balance_weight: Tensor | None = None,
    pair_text: Tensor | None = None,
    pair_is_caption: Tensor | None = None,
    align_weight: float = 1.0,
    scene_weight: float = 1.0,
    edit_weight: float = 1.0,
    scene_margin: float = 0.25,
    edit_margin: float = 0.30,
) -> dict[str, Tensor]:
    """`L = α L_align + β L_csd + γ L_fcd`, the objective of Zhang et al. 2025.

    With S the cosine of an image and a text, and a the anchor:

    * `L_align`: :func:`contrastive` over the batch's anchors.
    * `L_csd = 1/K Σ_k max(0, S(I_full_k, T_full_k) − S(I_a, T_a) + m1)` over the K complete
      counterfactuals of the anchor, then averaged over the anchors that have any.
    * `L_fcd = max(0, max_j S(I_edit_j, T_a) − S(I_a, T_a) + m2)` over the pictures of the
      anchor's minimal edits, averaged likewise. An edit that has a true wording of its own is
      scored with that wording instead of T_a, on both sides. Where edits are weighed, the
      greatest of `w_j · max(0, …)` counts, and an anchor as much as its greatest weight.

    An anchor without a picture takes part in `L_align` as a negative caption only.

    Args:
        image: (batch, dim) floating; need not be normalised.
        text: (batch, dim) floating.
        full_image: (batch, fulls, dim) floating; `fulls` may be 0.
        full_text: (batch, fulls, dim) floating.
        edit_image: (batch, edits, dim) floating; `edits` may be 0.
        logit_scale: Inverse temperature of `L_align` (after `exp`).
        full_has_image: (batch, fulls) bool, where caption and picture are there.
        edit_image_is_negative: (batch, edits) bool, where there is a picture that shows
            something else than the anchor's.
        has_image: (batch,) bool; None: all have one.
        edit_balance_weight: (batch, edits) floating ≥ 0, what each edit counts beside others;
            None: all the same.
        pair_text: (batch, edits, dim) true wording of each edit; None: the caption.
        pair_is_caption: (batch, edits) bool, where that is the caption.
        align_weight: α.
        scene_weight: β.
        edit_weight: γ.
        scene_margin: m1.
        edit_margin: m2.

    Returns:
        Scalars "loss", and without gradient "align", "scene", "edit".
    """
    import torch

    batch, dim = text.shape
    check_shapes(
        full_image=(full_image, (batch, -1, dim)),
        full_text=(full_text, tuple(full_image.shape)),
        full_has_image=(full_has_image, tuple(full_image.shape[:2])),
        edit_image=(edit_image, (batch, -1, dim)),
        edit_image_is_negative=(edit_image_is_negative, tuple(edit_image.shape[:2])),
    )
    align = contrastive(image=image, text=text, logit_scale=logit_scale, has_image=has_image)
    shown = present(has_image, image)
    images = unit_features(image, shown)
    texts = unit_features(text, torch.ones_like(shown))

    scenes = present(full_has_image, full_image) & shown[:, None]
    scene = (unit_features(full_image, scenes) * unit_features(full_text, scenes)).sum(-1)
    above = (scene - (images * texts).sum(-1, keepdim=True) + scene_margin).relu()
    of_anchor = (above * scenes).sum(1) / scenes.sum(1).clamp(min=1)
    l_csd = mean_over(of_anchor, scenes.any(1))

    usable = present(edit_image_is_negative, edit_image) & shown[:, None]
    pairs, _ = choose_pairs(texts, pair_text, pair_is_caption, usable)
    gap = ((unit_features(edit_image, usable) - images[:, None]) * pairs).sum(-1) + edit_margin
    weight = slot_weights(edit_balance_weight, usable)
    # A column of zeros: what is left where an anchor has no edit.
    hinge, most = (
        torch.nn.functional.pad(each, (0, 1)).amax(1) for each in (gap.relu() * weight, weight)
    )
    l_fcd = hinge.sum() / most.sum().where(most.sum() > 0, most.new_ones(()))
    return {
        "loss": align_weight * align["loss"] + scene_weight * l_csd + edit_weight * l_fcd,
        **detached(align=align["loss"], scene=l_csd, edit=l_fcd),
    }
