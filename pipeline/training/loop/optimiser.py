"""AdamW: made, its learning rate as a function of the step, its state by the weights' names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import torch


class OptimiserSettings(Protocol):
    """What a training's config says of the optimiser."""

    @property
    def steps(self) -> int:
        """Steps in all."""
        ...

    @property
    def warmup_steps(self) -> int:
        """Steps in which the rate rises from 0."""
        ...

    @property
    def learning_rate(self) -> float:
        """Highest rate."""
        ...

    @property
    def schedule(self) -> Literal["constant", "linear", "cosine"]:
        """How the rate falls to 0 after the warm-up, or does not."""
        ...

    @property
    def weight_decay(self) -> float:
        """AdamW's weight decay."""
        ...


def learning_rate(step: int, settings: OptimiserSettings) -> float:
    """Rate of a step, counted from 0: up in a line, then constant, or down to 0 at the end.

    A function of the step alone, so that nothing of it need be stored.
    """
    if step < settings.warmup_steps:
        return settings.learning_rate * (step + 1) / settings.warmup_steps
    if settings.schedule == "constant":
        return settings.learning_rate
    share = (step - settings.warmup_steps) / (settings.steps - settings.warmup_steps)
    left = 1 - share if settings.schedule == "linear" else (1 + math.cos(math.pi * share)) / 2
    return settings.learning_rate * left


def make_optimiser(weights: Iterable[torch.nn.Parameter], settings: OptimiserSettings) -> Any:
    """AdamW with PyTorch's own betas and epsilon."""
    import torch

    return torch.optim.AdamW(
        list(weights), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )


def moments(optimiser: Any, weights: Mapping[str, torch.nn.Parameter]) -> dict[str, torch.Tensor]:
    """The optimiser's state as `<weight>:<moment>` → tensor; empty before the first step."""
    state = optimiser.state_dict()["state"]
    return {
        f"{name}:{moment}": tensor
        for index, name in enumerate(weights)
        for moment, tensor in state.get(index, {}).items()
    }


def load_moments(
    optimiser: Any,
    weights: Mapping[str, torch.nn.Parameter],
    tensors: Mapping[str, torch.Tensor],
) -> None:
    """Give an optimiser of the same weights the stored state."""
    numbers = {name: index for index, name in enumerate(weights)}
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        name, _, moment = key.rpartition(":")
        state.setdefault(numbers[name], {})[moment] = tensor
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
