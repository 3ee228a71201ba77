"""What the losses have in common: masked features, masked cross-entropy, shapes checked by name.

Every loss keeps three promises. Features are normalised here, in float32 or better, so that a
dot product is a cosine whatever precision the towers ran in. A masked slot is replaced by zeros
before anything is computed: NaN or garbage in it changes neither the value nor a gradient.
A mean over nothing is 0 with zero gradient.

Losses with minimal edits take `edit_balance_weight`, the weights of a run that balances edits by
them. An edit then counts as if it were in the batch so many times: in a mean, and among the
texts and images that others compete with. Weight 0 is as good as a mask, and equal weights are
as good as none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def check_shapes(**named: tuple[Tensor | None, tuple[int, ...]]) -> None:
    """Refuse a tensor of another shape than the loss says; None is passed over.

    Args:
        named: Name → (tensor, its shape); -1 for any size.

    Raises:
        ValueError: Names the tensor, its shape and the shape that it must have.
    """
    for name, (tensor, shape) in named.items():
        if tensor is None:
            continue
        fits = tensor.ndim == len(shape) and all(
            wanted in (-1, size) for wanted, size in zip(shape, tensor.shape, strict=True)
        )
        if not fits:
            raise ValueError(f"{name} must have shape {shape}, it has {tuple(tensor.shape)}")


def present(mask: Tensor | None, like: Tensor) -> Tensor:
    """The mask as bool; all True, of the shape of `like` without its last axis, for None."""
    import torch

    if mask is None:
        return torch.ones(like.shape[:-1], dtype=torch.bool, device=like.device)
    if mask.dtype != torch.bool:
        raise ValueError(f"a mask must be bool, got {mask.dtype}; a 0/1 mask is `mask.bool()`")
    return mask


def unit_features(features: Tensor, mask: Tensor) -> Tensor:
    """Features of length one, zeros where masked.

    Args:
        features: (..., dim), any floating dtype.
        mask: (...) bool, True where there is something.

    Returns:
        (..., dim) float32, or float64 for float64.
    """
    import torch
    from torch.nn.functional import normalize

    clean = torch.where(mask[..., None], features, torch.zeros((), dtype=features.dtype,
                                                               device=features.device))  # fmt: skip
    if clean.dtype != torch.float64:
        clean = clean.float()
    return normalize(clean, dim=-1)


def mean_over(values: Tensor, weight: Tensor) -> Tensor:
    """Mean of finite values by weights ≥ 0, or by a mask; 0 with zero gradient over nothing."""
    total = weight.sum()
    return (values * weight).sum() / total.where(total > 0, total.new_ones(()))


def slot_weights(weight: Tensor | None, mask: Tensor) -> Tensor:
    """What each slot counts: its weight as a share of the batch's greatest, 0 where masked.

    The rarer direction of an edit has weight 1, so that this is most often the weight itself,
    and a batch costs what the batches of `edits.balance=select` cost on average.

    Args:
        weight: (batch, edits) floating ≥ 0, anything where masked; None: all count the same.
        mask: (batch, edits) bool.

    Returns:
        (batch, edits) floating in [0, 1].
    """
    import torch

    if weight is None:
        return mask.to(torch.get_default_dtype())
    check_shapes(edit_balance_weight=(weight, tuple(mask.shape)))
    clean = weight.detach().masked_fill(~mask, 0)
    greatest = torch.nn.functional.pad(clean.flatten(), (0, 1)).amax()
    return clean / greatest.where(greatest > 0, greatest.new_ones(()))


def choose_pairs(
    text: Tensor, pair_text: Tensor | None, pair_is_caption: Tensor | None, mask: Tensor
) -> tuple[Tensor, Tensor]:
    """The positive text of every edit slot, and whether it is a wording of the edit's own.

    Args:
        text: (batch, dim), captions of length one.
        pair_text: (batch, edits, dim) features of the true wordings; None: the captions.
        pair_is_caption: (batch, edits) bool, True where the wording is the caption.
        mask: (batch, edits) bool.

    Returns:
        (batch, edits, dim) of length one, and (batch, edits) bool.

    Raises:
        ValueError: One of the two is given without the other.
    """
    import torch

    captions = text[:, None].expand(*mask.shape, text.shape[-1])
    if pair_text is None and pair_is_caption is None:
        return captions, torch.zeros_like(mask)
    if pair_text is None or pair_is_caption is None:
        raise ValueError("pair_text and pair_is_caption belong together: give both or neither")
    own = mask & ~present(pair_is_caption, pair_text)
    return torch.where(own[..., None], unit_features(pair_text, own), captions), own


def masked_cross_entropy(logits: Tensor, target: Tensor, allowed: Tensor, rows: Tensor) -> Tensor:
    """Mean cross-entropy over the unmasked rows, each among its allowed columns.

    `−log( e^z_r / (e^z_r + Σ_c a_c e^z_c) )` with r the right column and a the columns' weights.

    Args:
        logits: (rows, columns), finite.
        target: (rows,) int64, the right column; it always counts 1.
        allowed: (rows, columns) bool or floating ≥ 0, how often a column stands among those
            that a row competes with.
        rows: (rows,) bool or floating ≥ 0, what a row counts in the mean.

    Returns:
        Scalar ≥ 0; 0 without rows.
    """
    from torch.nn.functional import cross_entropy

    # The logarithm of 0 is −inf: what is not allowed adds nothing to the sum.
    kept = logits + allowed.to(logits.dtype).scatter(1, target[:, None], 1).log()
    if not len(kept):
        return logits.sum()
    return mean_over(cross_entropy(kept, target, reduction="none"), rows)


def detached(**parts: Tensor) -> Mapping[str, Tensor]:
    """The parts of a loss for a log: without their graph."""
    return {name: value.detach() for name, value in parts.items()}
