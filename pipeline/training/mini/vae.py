"""The miniature's autoencoder: 128 px pictures ↔ 16 × 16 cells of 8 numbers."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.training.world.painter import centres, paint
from pipeline.training.world.scene import SIZE_PX, draw_scene

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

FACTOR = 8
"""Pixels to a side of a cell, as in SDXL."""

CHANNELS = 8
"""Numbers to a cell; SDXL has 4, with sixteen times as many cells to a picture."""

CROP_PX = 64
KL_WEIGHT = 1e-4
LATENT_NOISE = 0.15
"""Noise on what the decoder learns from, in latent standard deviations: it must forgive what a
denoiser gets slightly wrong."""


def build_vae() -> Any:
    """An untrained `AutoencoderKL`, without attention, so that it reads pictures of any size."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        sample_size=SIZE_PX,
        block_out_channels=(16, 32, 64, 96),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=CHANNELS,
        norm_num_groups=8,
        mid_block_add_attention=False,
        scaling_factor=1.0,
        force_upcast=False,
    )


def draw_crops(random_state: random.Random, count: int) -> NDArray[np.uint8]:
    """Parts of painted scenes, most of them with a thing in sight: (count, 64, 64, 3) uint8."""
    crops = []
    for _ in range(count):
        scene = draw_scene(random_state)
        _, _, (x, y) = random_state.choice(centres(scene))
        if random_state.random() < 0.15:
            x, y = random_state.randrange(SIZE_PX), random_state.randrange(SIZE_PX)
        left = _cell_edge(x + random_state.randint(-20, 20))
        top = _cell_edge(y + random_state.randint(-20, 20))
        crops.append(paint(scene)[top : top + CROP_PX, left : left + CROP_PX])
    return np.stack(crops)


def _cell_edge(middle: int) -> int:
    """Where a crop around `middle` starts: on the grid of cells and inside the picture."""
    start = (middle - CROP_PX // 2 + FACTOR // 2) // FACTOR * FACTOR
    return min(max(start, 0), SIZE_PX - CROP_PX)


def to_tensor(pixels: NDArray[np.uint8]) -> torch.Tensor:
    """(n, h, w, 3) uint8 → (n, 3, h, w) float32 in −1…1."""
    import torch

    scaled = torch.from_numpy(np.ascontiguousarray(pixels)).float() / 127.5 - 1
    return scaled.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def vae_loss(vae: Any, pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Mean absolute error of the reconstruction, a little of its square, and the KL term."""
    import torch

    posterior = vae.encode(pictures).latent_dist
    mean, log_variance = posterior.mean.float(), posterior.logvar.float()
    noise = torch.randn(mean.shape, generator=generator)
    spread = mean.detach().std().clamp(min=1e-3)
    latents = mean + noise * ((0.5 * log_variance).exp() + LATENT_NOISE * spread)
    drawn = vae.decode(latents).sample.float()
    error = drawn - pictures
    kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
    loss: torch.Tensor = error.abs().mean() + 0.5 * error.square().mean() + KL_WEIGHT * kl
    return loss
