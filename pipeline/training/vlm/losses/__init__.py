"""Losses on the features of a batch of counterfactual sets; each is a function of named tensors.

All of them normalise the features themselves, respect masks, and give 0 with zero gradient where
there is nothing to compare. :func:`compute_loss` gives each what it asks for out of
:func:`pipeline.training.vlm.features.encode_sets`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from pipeline.training.vlm.losses.causal_clip import causal_clip
from pipeline.training.vlm.losses.ce_clip import ce_clip, next_thresholds
from pipeline.training.vlm.losses.cf_vlm import cf_vlm
from pipeline.training.vlm.losses.contrastive import contrastive
from pipeline.training.vlm.losses.neg_clip import neg_clip
from pipeline.training.vlm.losses.neutral import neutral
from pipeline.training.vlm.losses.siglip import siglip
from pipeline.training.vlm.losses.triplet_clip import triplet_clip

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "OBJECTIVES", "causal_clip", "ce_clip", "cf_vlm", "compute_loss", "contrastive", "neg_clip",
    "neutral", "next_thresholds", "siglip", "triplet_clip",
]  # fmt: skip

OBJECTIVES: Final[Mapping[str, Callable[..., dict[str, Tensor]]]] = {
    "causal_clip": causal_clip,
    "ce_clip": ce_clip,
    "cf_vlm": cf_vlm,
    "contrastive": contrastive,
    "neg_clip": neg_clip,
    "neutral": neutral,
    "siglip": siglip,
    "triplet_clip": triplet_clip,
}
"""Every loss by its name."""


def compute_loss(
    objective: str, features: Mapping[str, Tensor], **settings: Tensor | float
) -> dict[str, Tensor]:
    """Call a loss with those of the features that it has arguments for, and with `settings`.

    Args:
        objective: A name of :data:`OBJECTIVES`.
        features: Features and masks by the names of the losses' arguments; what the loss does
            not know is left out.
        settings: Further arguments, such as `logit_scale`, margins and weights.

    Raises:
        ValueError: There is no such loss, or features that it needs are missing.
    """
    if objective not in OBJECTIVES:
        raise ValueError(f"no loss is called {objective!r}; there are {', '.join(OBJECTIVES)}")
    loss = OBJECTIVES[objective]
    parameters = inspect.signature(loss).parameters
    taken: dict[str, Tensor | float] = {
        name: value for name, value in features.items() if name in parameters
    }
    taken |= settings
    needed = {name for name, given in parameters.items() if given.default is given.empty}
    if missing := sorted(needed - taken.keys()):
        raise ValueError(
            f"{objective} needs {', '.join(missing)}, which the batch does not have; pictures "
            "are read with pictures='optional' or 'required', variants with max_edits, max_full"
        )
    return loss(**taken)
