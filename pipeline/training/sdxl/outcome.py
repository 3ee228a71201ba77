"""What a training starts from and what it has made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from pipeline.training.sdxl.cache import CacheCounts

OnGrid = Callable[[int, Path], None]


@dataclass(frozen=True, slots=True)
class BaseModel:
    """The model to start from.

    Attributes:
        folder: Its pipeline folder.
        identity: Name of its weights.
        load: Gives the pipeline on the CPU, in a number format.
    """

    folder: Path
    identity: str
    load: Callable[[torch.dtype], Any]


@dataclass(frozen=True, slots=True)
class FinetuneOutcome:
    """What a fine-tuning has made.

    Attributes:
        weights: The LoRA file or the pipeline folder.
        steps: Optimiser steps done in all.
        resumed_from: Step of the checkpoint that was gone on from; 0 for none.
        examples: Examples learned from, crops counted singly.
        trained: Numbers trained.
        losses: Mean loss of each step of this process, from the first on.
        cache: What filling the cache took.
        grid: The last validation grid of this process, or None.
        is_main: Whether this process is the one that writes and tells.
    """

    weights: Path
    steps: int
    resumed_from: int
    examples: int
    trained: int
    losses: tuple[float, ...]
    cache: CacheCounts
    grid: Path | None
    is_main: bool = True
