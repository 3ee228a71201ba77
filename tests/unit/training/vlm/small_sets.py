"""Small sets as the loader gives them, with pictures of one value."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.training.vlm.sample import LoadedEdit, LoadedFull, LoadedSet


def picture(value: float) -> np.ndarray:
    return np.full((3, 2, 2), value, np.float32)


def edit(number: int, *, image: Any = None, own: str = "", kind: str = "count") -> LoadedEdit:
    return LoadedEdit(
        f"min{number}", kind, "", f"edit {number}", own or "caption", image, image is not None,
        True, True,
    )  # fmt: skip


def one_set(*edits: LoadedEdit, image: Any = None, fulls: tuple[LoadedFull, ...] = ()) -> LoadedSet:
    variant = None if image is None else "control"
    return LoadedSet(f"{len(edits)}", "train", "caption", image, variant, edits, fulls)


def tokenize(texts: list[str]) -> Tensor:
    """Letters as numbers, eight of them; the empty text is zeros."""
    return torch.tensor([[ord(c) for c in text[:24].ljust(24, "\0")] for text in texts])


SETS = [
    one_set(edit(0, image=picture(2)), edit(1, own="other"), image=picture(1)),
    one_set(fulls=(LoadedFull("full0", "full", picture(3)),)),
]
