"""How pictures and captions are told apart: over a batch, and within pairs one fact apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def contrast_loss(scores: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """InfoNCE both ways, (2n, n) scores; what is true besides the own match does not count.

    van den Oord et al. 2018, arXiv 1807.03748; Radford et al. 2021, arXiv 2103.00020.
    """
    import torch
    from torch.nn.functional import cross_entropy

    count, pictures = scores.shape
    own = torch.arange(count) % pictures
    rows = torch.arange(count)
    other = true.clone()
    other[rows, own] = False
    to_pictures = cross_entropy(scores.masked_fill(other, -1e4), own)
    # Row c: the scores of the picture of caption c with every caption, c being right.
    hidden = true.T[own].clone()
    hidden[rows, rows] = False
    to_texts = cross_entropy(scores.T[own].masked_fill(hidden, -1e4), rows)
    return (to_pictures + to_texts) / 2


def pair_loss(scores: torch.Tensor, true: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Cross-entropy within each pair, both ways; and how often a picture prefers its caption."""
    import torch
    from torch.nn.functional import cross_entropy

    pictures = scores.shape[1]
    rows = torch.arange(pictures)
    partner = rows ^ 1
    apart = ~(true[partner, rows] | true[rows, partner])
    own, crossed = scores[rows, rows], scores[partner, rows]
    by_picture = torch.stack([own, crossed], 1)[apart]
    by_text = torch.stack([own, scores[rows, partner]], 1)[apart]
    right = torch.zeros(len(by_picture), dtype=torch.long)
    loss = (cross_entropy(by_picture, right) + cross_entropy(by_text, right)) / 2
    return loss, float((own > crossed)[apart].float().mean())
