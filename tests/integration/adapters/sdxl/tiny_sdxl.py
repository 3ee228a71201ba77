"""The miniature SDXL as fixtures, which tests of several packages use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.sdxl.renderer import SdxlRenderer, open_renderer
from pipeline.adapters.sdxl.tiny import NATIVE_SIZE_PX, build_tiny_sdxl
from pipeline.config.images import ImagesConfig

OpenTiny = Callable[..., SdxlRenderer]


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """The miniature gains nothing from a second thread, and loses much on a busy machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real miniature SDXL, built once."""
    folder = tmp_path_factory.mktemp("sdxl") / "tiny"
    build_tiny_sdxl(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_config(tiny_folder: Path) -> Callable[..., ImagesConfig]:
    def make(**changes: Any) -> ImagesConfig:
        settings = {
            "renderer": "sdxl",
            "model": str(tiny_folder),
            "device": "cpu",
            "steps": 4,
            "width_px": NATIVE_SIZE_PX,
            "height_px": NATIVE_SIZE_PX,
        }
        return ImagesConfig(**(settings | changes))

    return make


@pytest.fixture
def open_tiny(tiny_config: Callable[..., ImagesConfig]) -> Iterator[OpenTiny]:
    """Opens renderers of the miniature with changed settings, and closes them."""
    opened: list[SdxlRenderer] = []

    def open_one(**changes: Any) -> SdxlRenderer:
        opened.append(open_renderer(tiny_config(**changes)))
        return opened[-1]

    yield open_one
    for renderer in opened:
        renderer.close()


@pytest.fixture(scope="session")
def tiny_renderer(tiny_config: Callable[..., ImagesConfig]) -> Iterator[SdxlRenderer]:
    """One renderer with default settings; tests must not change it."""
    renderer = open_renderer(tiny_config())
    yield renderer
    renderer.close()


@pytest.fixture(scope="session")
def lora_folder(tiny_renderer: SdxlRenderer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA of the UNet's attention with random values, saved by diffusers."""
    import copy

    import torch
    from diffusers import StableDiffusionXLPipeline
    from diffusers.utils import convert_state_dict_to_diffusers
    from peft import LoraConfig, get_peft_model_state_dict

    unet = copy.deepcopy(tiny_renderer.pipeline.unet)
    unet.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=["to_q", "to_v", "to_out.0"]))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, weight in unet.named_parameters():
            if "lora_" in name:
                weight.copy_(torch.randn(weight.shape, generator=generator) * 0.3)
    folder = tmp_path_factory.mktemp("lora")
    StableDiffusionXLPipeline.save_lora_weights(
        folder,
        unet_lora_layers=convert_state_dict_to_diffusers(get_peft_model_state_dict(unet)),
        safe_serialization=True,
    )
    return folder
