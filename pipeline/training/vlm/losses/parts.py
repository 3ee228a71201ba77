"""What the losses have in common: masked features, masked cross-entropy, shapes checked by name.

Every loss keeps three promises. Features are normalised here, in float32 or better, so that a
dot product is a cosine whatever precision the towers ran in. A masked slot is replaced by zeros
before anything is computed: NaN or garbage in it changes neither the value nor a gradient.
A mean over nothing is 0 with zero gradient.
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


def mean_over(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of the unmasked values; 0 with zero gradient where there are none."""
    return (values * mask).sum() / mask.sum().clamp(min=1)


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

    Args:
        logits: (rows, columns), finite.
        target: (rows,) int64, the right column; it is always allowed.
        allowed: (rows, columns) bool, the columns that a row competes with.
        rows: (rows,) bool.

    Returns:
        Scalar ≥ 0; 0 without rows.
    """
    import torch
    from torch.nn.functional import cross_entropy

    right = torch.zeros_like(allowed).scatter(1, target[:, None], True)  # noqa: FBT003
    kept = logits.masked_fill(~(allowed | right), float("-inf"))
    if not len(kept):
        return logits.sum()
    return mean_over(cross_entropy(kept, target, reduction="none"), rows)


def detached(**parts: Tensor) -> Mapping[str, Tensor]:
    """The parts of a loss for a log: without their graph."""
    return {name: value.detach() for name, value in parts.items()}
