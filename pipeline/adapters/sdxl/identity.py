"""What decides the pixels of a renderer, for its fingerprint, and where that came from."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from pipeline.adapters.sdxl.lora import Lora
from pipeline.adapters.sdxl.speed import speed_identity
from pipeline.adapters.sdxl.weights import Weights
from pipeline.core.ids import JsonValue

if TYPE_CHECKING:
    import torch

    from pipeline.config.images import ImagesConfig

SDXL_VERSION = 2
"""Raised when this adapter would draw other pixels from the same weights and settings."""


def identity(
    config: ImagesConfig, weights: Weights, loras: Sequence[Lora], dtype: torch.dtype
) -> dict[str, JsonValue]:
    """What decides the pixels; library versions belong to the provenance only.

    The model's own scheduler settings are part of its weights' identity.
    """
    return {
        "adapter": f"sdxl.{SDXL_VERSION}",
        "weights": weights.identity,
        "lora": [[lora.digest, lora.scale] for lora in loras],
        "scheduler": config.scheduler,
        "steps": config.steps,
        "guidance_scale": config.guidance_scale,
        "width_px": config.width_px,
        "height_px": config.height_px,
        "negative_prompt": config.negative_prompt,
        "dtype": str(dtype).removeprefix("torch."),
        **speed_identity(config),
    }


def origin(
    config: ImagesConfig, weights: Weights, loras: Sequence[Lora], device: torch.device
) -> dict[str, JsonValue]:
    """Where model and LoRA files came from, what draws, and with which libraries."""
    return {
        "model": weights.source,
        "revision": config.revision,
        "commit": weights.commit,
        "lora": [
            {"path": str(lora.file), "scale": lora.scale, "digest": lora.digest} for lora in loras
        ],
        "device": str(device),
        "batch_size": config.batch_size,
        "versions": {
            name: version(name) for name in ("torch", "diffusers", "transformers", "peft")
        },
    }
