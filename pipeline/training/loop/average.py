"""The moving average of what is trained, which is what is validated and exported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class Average:
    """Exponential moving average of the trained weights; without a decay, the weights themselves.

    The decay grows with the steps, min(decay, (1 + step) / (10 + step)), so that a short
    training does not remember its first weights.
    """

    def __init__(self, weights: Mapping[str, torch.nn.Parameter], decay: float | None) -> None:
        from diffusers.training_utils import EMAModel

        self._weights = weights
        self._model: Any = None
        if decay is not None:
            self._model = EMAModel(weights.values(), decay=decay)

    def step(self) -> None:
        """Take in the weights after an optimiser step."""
        if self._model is not None:
            self._model.step(self._weights.values())

    @property
    def steps(self) -> int:
        """Optimiser steps taken in."""
        return 0 if self._model is None else int(self._model.optimization_step)

    def tensors(self) -> dict[str, torch.Tensor]:
        """Name → average; empty where there is none."""
        if self._model is None:
            return {}
        return dict(zip(self._weights, self._model.shadow_params, strict=True))

    def load(self, tensors: Mapping[str, torch.Tensor], steps: int) -> None:
        """Go on from stored averages."""
        if self._model is None:
            return
        for name, shadow in self.tensors().items():
            shadow.copy_(tensors[name])
        self._model.optimization_step = steps

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within the block the network has the averaged weights."""
        if self._model is None:
            yield
            return
        weights = list(self._weights.values())
        self._model.store(weights)
        self._model.copy_to(weights)
        try:
            yield
        finally:
            self._model.restore(weights)
