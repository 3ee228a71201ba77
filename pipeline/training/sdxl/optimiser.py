"""AdamW: made, its learning rate as a function of the step, its state by the weights' names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from pipeline.training.sdxl.config import TrainConfig


def learning_rate(step: int, train: TrainConfig) -> float:
    """Rate of a step, counted from 0: up in a line, then constant, or down to 0 at the end.

    A function of the step alone, so that nothing of it need be stored.
    """
    if step < train.warmup_steps:
        return train.learning_rate * (step + 1) / train.warmup_steps
    if train.schedule == "constant":
        return train.learning_rate
    share = (step - train.warmup_steps) / (train.steps - train.warmup_steps)
    left = 1 - share if train.schedule == "linear" else (1 + math.cos(math.pi * share)) / 2
    return train.learning_rate * left


def make_optimiser(weights: Iterable[torch.nn.Parameter], train: TrainConfig) -> Any:
    """AdamW with PyTorch's own betas and epsilon."""
    import torch

    return torch.optim.AdamW(list(weights), lr=train.learning_rate, weight_decay=train.weight_decay)


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
