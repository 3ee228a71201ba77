"""A batch through both sides of the model, and its loss."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pipeline.training.vlm.features import encode_sets
from pipeline.training.vlm.losses import OBJECTIVES, compute_loss

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.training.vlm.collate import Batch
    from pipeline.training.vlm.finetune.config import VlmConfig
    from pipeline.training.vlm.finetune.model import TrainedModel

_NUMBERS: Final = ("logit_scale", "logit_bias")
"""What the model brings beside its features."""


def make_towers(model: TrainedModel) -> Any:  # noqa: ANN401
    """A module whose forward pass encodes a batch: what distributes gradients wraps it."""
    import torch

    class Towers(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = model.module

        def forward(self, batch: Batch, device: Any) -> dict[str, Tensor]:  # noqa: ANN401
            features = encode_sets(
                batch,
                encode_image=lambda pixels: model.encode_image(self.module, pixels),
                encode_text=lambda tokens: model.encode_text(self.module, tokens),
                device=device,
            )
            features["logit_scale"] = model.logit_scale(self.module)
            bias = model.logit_bias(self.module)
            return features if bias is None else features | {"logit_bias": bias}

    return Towers()


def loss_of(config: VlmConfig, features: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """The parts of the loss of an encoded batch.

    Args:
        config: Which loss, with which numbers.
        features: What the towers gave.

    Raises:
        ConfigError: `weights` names a number that the loss has not.
    """
    from pipeline.core.errors import ConfigError

    known = inspect.signature(OBJECTIVES[config.objective]).parameters
    if unknown := sorted(config.weights.keys() - known.keys()):
        numbers = [n for n, given in known.items() if isinstance(given.default, float)]
        raise ConfigError(
            f"weights: {config.objective} has no number {unknown[0]!r}; it has "
            f"{', '.join(numbers) or 'none'}"
        )
    named = {name: value for name, value in features.items() if name not in _NUMBERS}
    given = {name: features[name] for name in _NUMBERS if name in features and name in known}
    parts = compute_loss(config.objective, named, **given, **dict(config.weights))
    if not config.neutral_weight or "image" not in named:
        return parts
    moved = compute_loss("neutral", named)
    return parts | {
        "loss": parts["loss"] + config.neutral_weight * moved["loss"],
        "neutral": moved["loss"].detach(),
        "neutral_difference": moved["difference"],
    }
