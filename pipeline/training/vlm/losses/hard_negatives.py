"""Contrast of images with their texts and with hard negative texts: the core of several losses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.training.vlm.losses.parts import masked_cross_entropy

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Images:
    """The pictures of a batch, each once.

    Attributes:
        features: (images, dim), of length one.
        anchor: (images,) int64, number of the anchor.
        weight: (images,) floating ≥ 0, how often it stands among what a text competes with; 0
            where there is none.
    """

    features: Tensor
    anchor: Tensor
    weight: Tensor


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts that are true of a picture each; a picture may have several.

    Attributes:
        features: (texts, dim), of length one.
        image: (texts,) int64, which picture the text is true of.
        weight: (texts,) floating ≥ 0, what it counts as a pair of its picture, and how often it
            stands among what pictures compete with; 0 where there is none.
    """

    features: Tensor
    image: Tensor
    weight: Tensor


@dataclass(frozen=True, slots=True)
class Negatives:
    """Texts that are false of a picture of their anchor.

    Attributes:
        features: (negatives, dim), of length one.
        anchor: (negatives,) int64.
        weight: (negatives,) floating ≥ 0, likewise.
        beside: (texts, negatives) bool, which true text it is the negative of. Among those of
            its own anchor a text competes with these only; among those of others with all.
    """

    features: Tensor
    anchor: Tensor
    weight: Tensor
    beside: Tensor


def contrast(
    images: Images, texts: Texts, negatives: Negatives, logit_scale: Tensor | float
) -> tuple[Tensor, Tensor]:
    """Cross-entropy from image to text, with the negatives, and from text to image, without.

    What belongs to one anchor never serves as a negative by chance: only `beside` says so.
    """
    import torch

    count = len(texts.image)
    anchor = images.anchor[texts.image]
    columns = torch.cat([texts.features, negatives.features])
    allowed = torch.cat(
        [
            (anchor[:, None] != anchor) * texts.weight,
            ((anchor[:, None] != negatives.anchor) | negatives.beside) * negatives.weight,
        ],
        dim=1,
    )
    rows = texts.weight * (images.weight[texts.image] > 0)
    to_text = masked_cross_entropy(
        logit_scale * images.features[texts.image] @ columns.T,
        torch.arange(count, device=anchor.device),
        allowed,
        rows,
    )
    to_image = masked_cross_entropy(
        logit_scale * texts.features @ images.features.T,
        texts.image,
        (anchor[:, None] != images.anchor) * images.weight,
        rows,
    )
    return to_text, to_image
