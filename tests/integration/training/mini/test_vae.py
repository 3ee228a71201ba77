"""The miniature's autoencoder: its crops, its tensors, its loss."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.adapters.sdxl.tiny import WORLD, resolve_model
from pipeline.training.mini.vae import CHANNELS, CROP_PX, build_vae, draw_crops, to_tensor, vae_loss

pytestmark = pytest.mark.integration


def test_crops_lie_on_the_grid_and_repeat_for_the_same_state() -> None:
    crops = draw_crops(random.Random("crops"), 20)
    assert (crops.shape, crops.dtype) == ((20, CROP_PX, CROP_PX, 3), np.uint8)
    assert (draw_crops(random.Random("crops"), 20) == crops).all()
    assert len({crop.tobytes() for crop in crops}) == 20


def test_pixels_become_minus_one_to_one() -> None:
    pixels = np.zeros((1, 4, 6, 3), np.uint8)
    pixels[0, 0, 0] = (255, 0, 128)
    tensor = to_tensor(pixels)
    assert tensor.shape == (1, 3, 4, 6)
    assert tensor[0, :, 0, 0].tolist() == pytest.approx([1, -1, 128 / 127.5 - 1], abs=1e-6)


def test_the_packaged_autoencoder_is_of_this_design_and_the_better_one() -> None:
    from diffusers import AutoencoderKL

    packaged = AutoencoderKL.from_pretrained(Path(resolve_model(WORLD)) / "vae").float()
    torch.manual_seed(0)
    new = build_vae()
    assert new.config.latent_channels == packaged.config.latent_channels == CHANNELS
    assert {n: w.shape for n, w in new.named_parameters()} == {
        n: w.shape for n, w in packaged.named_parameters()
    }
    pictures = to_tensor(draw_crops(random.Random("loss"), 4))
    with torch.no_grad():
        losses = [
            float(vae_loss(vae, pictures, torch.Generator().manual_seed(0)))
            for vae in (packaged, new)
        ]
    assert losses[0] < 0.3 * losses[1]
