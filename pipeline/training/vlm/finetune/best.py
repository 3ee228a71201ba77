"""The validations so far, and the weights of the best of them on disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.training.loop.checkpoint import (
    Snapshot,
    list_checkpoints,
    read_newest,
    write_checkpoint,
)
from pipeline.training.vlm.finetune.validation import ValidationResult

if TYPE_CHECKING:
    import torch


class BestWeights:
    """Keeps the weights of the best validation, through kills and resumes.

    They are written before the checkpoint that tells of them. What a process killed in between
    has left belongs to a step that comes again, and comes out the same.

    Attributes:
        validations: All so far, in order.
    """

    def __init__(self, folder: Path) -> None:
        self.validations: list[ValidationResult] = []
        self._folder = folder
        self._best: ValidationResult | None = None

    def take_up(self, validations: Sequence[ValidationResult], step: int, *, is_main: bool) -> None:
        """Go on from a checkpoint of `step`, whose validations these are."""
        self.validations = list(validations)
        stored = list_checkpoints(self._folder)
        kept = {number for number, _ in stored}
        there = [found for found in self.validations if found.step in kept]
        self._best = max(there, key=lambda found: found.rank, default=None)
        if is_main:
            for _, path in [(number, path) for number, path in stored if number > step]:
                shutil.rmtree(path)

    def add(self, found: ValidationResult, take: Callable[[], Snapshot]) -> None:
        """Remember a validation; if it is the best, write the weights that `take` gives.

        Raises:
            PermanentError: The disk is full or refuses.
        """
        self.validations.append(found)
        if self._best is None or found.rank > self._best.rank:
            self._best = found
            write_checkpoint(self._folder, take(), keep=1)

    def load_into(self, weights: Mapping[str, torch.nn.Parameter]) -> int | None:
        """Give the network the best weights; their step, or None where nothing was validated."""
        import torch

        stored = None if self._best is None else read_newest(self._folder)
        if stored is None or self._best is None or stored.step != self._best.step:
            return None
        with torch.no_grad():
            for name, weight in weights.items():
                weight.copy_(stored.weights[name])
        return stored.step
