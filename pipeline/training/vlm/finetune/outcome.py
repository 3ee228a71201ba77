"""What a fine-tuning of a vision-language model has made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.training.vlm.finetune.validation import ValidationResult

OnCurves = Callable[[int, Path], None]


@dataclass(frozen=True, slots=True)
class VlmOutcome:
    """What a training has made.

    Attributes:
        model: Folder that plain `from_pretrained`, or open_clip, loads.
        steps: Optimiser steps done in all.
        best_step: Step of the weights that were written.
        resumed_from: Step of the checkpoint that was gone on from; 0 for none.
        trained: Numbers trained.
        losses: Mean loss of each step of this process, from the first on.
        validations: All of them, also of earlier processes; empty where no set was held out.
        curves: The picture of the training's course.
        is_main: Whether this process is the one that writes and tells.
    """

    model: Path
    steps: int
    best_step: int
    resumed_from: int
    trained: int
    losses: tuple[float, ...]
    validations: tuple[ValidationResult, ...]
    curves: Path
    is_main: bool = True
