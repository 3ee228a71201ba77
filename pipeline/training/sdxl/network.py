"""What is trained: LoRA weights beside a frozen UNet, or the whole UNet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    import torch

    from pipeline.training.sdxl.config import FinetuneConfig


def prepare_network(unet: Any, config: FinetuneConfig, dtype: torch.dtype) -> None:
    """Choose what is trained; everything that is trained is float32, the rest `dtype`.

    Draws the first LoRA weights from torch's global generator.

    Raises:
        ConfigError: `lora.layers` names no layer of the UNet.
    """
    import torch

    unet.requires_grad_(config.method == "full")
    if config.method == "lora":
        _add_lora(unet, config)
    for weight in unet.parameters():
        weight.data = weight.data.to(torch.float32 if weight.requires_grad else dtype)
    if config.train.gradient_checkpointing:
        unet.enable_gradient_checkpointing()
    unet.train()


def _add_lora(unet: Any, config: FinetuneConfig) -> None:
    from peft import LoraConfig

    lora = config.lora
    settings = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.rank if lora.alpha is None else lora.alpha,
        init_lora_weights="gaussian",
        target_modules=list(lora.layers),
    )
    try:
        unet.add_adapter(settings)
    except ValueError as error:
        raise ConfigError(
            f"lora.layers {list(lora.layers)} does not fit the model: {error}"
        ) from error


def trained_weights(unet: Any) -> dict[str, torch.nn.Parameter]:
    """Name → weight of everything that is trained, in a fixed order."""
    return {name: weight for name, weight in unet.named_parameters() if weight.requires_grad}


def count_trained(unet_config: Mapping[str, Any], config: FinetuneConfig) -> int:
    """How many numbers are trained, without making the network.

    Raises:
        ConfigError: `lora.layers` names no layer of the UNet.
    """
    import torch
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(unet_config)
        if config.method == "full":
            return sum(weight.numel() for weight in unet.parameters())
        unet.requires_grad_(False)
        _add_lora(unet, config)
    return sum(weight.numel() for weight in trained_weights(unet).values())
