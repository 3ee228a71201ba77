"""Painted scenes as the autoencoder's cells, made once: `python -m …latents FOLDER`."""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.training.mini.vae import to_tensor
from pipeline.training.world.painter import paint
from pipeline.training.world.scene import Scene, draw_scene

if TYPE_CHECKING:
    import torch

PER_FILE = 2048
BATCH = 32


def training_scene(index: int, seed: int = 0) -> Scene:
    """Scene number `index` of the training's scenes."""
    return draw_scene(random.Random(f"{seed} scene {index}"))


def standardize(vae: Any, seed: int = 0, scenes: int = 256) -> None:
    """Fold mean and deviation of each channel into the convolutions around the latents.

    Afterwards a latent of a usual picture has mean 0 and deviation 1 in every channel, so the
    ordinary `scaling_factor` of 1 is right.
    """
    import torch

    latents = torch.cat(list(encode(vae, range(-scenes, 0), seed)))
    mean, deviation = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
    channels = len(mean)
    with torch.no_grad():
        quant, post = vae.quant_conv, vae.post_quant_conv
        quant.bias[:channels] -= mean
        quant.weight[:channels] /= deviation[:, None, None, None]
        quant.bias[:channels] /= deviation
        quant.bias[channels:] -= 2 * deviation.log()
        post.bias += (post.weight[:, :, 0, 0] * mean).sum(1)
        post.weight *= deviation[None, :, None, None]


def encode(vae: Any, indexes: range, seed: int = 0) -> Iterator[torch.Tensor]:
    """Latents of the scenes, in batches of (n, channels, 16, 16) float32."""
    import torch

    for start in range(0, len(indexes), BATCH):
        pictures = np.stack([paint(training_scene(i, seed)) for i in indexes[start:][:BATCH]])
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            yield vae.encode(to_tensor(pictures)).latent_dist.mean.float()


def write_latents(folder: Path, scenes: int, seed: int = 0) -> None:
    """Write `folder/latents/N.safetensors` until there are `scenes` of them; skips what is there.

    The autoencoder in `folder/vae` is standardized first, once.
    """
    import torch
    from diffusers import AutoencoderKL
    from safetensors.torch import save_file

    target = folder / "latents"
    vae = AutoencoderKL.from_pretrained(folder / "vae").to(memory_format=torch.channels_last)
    if not target.exists():
        standardize(vae, seed)
        vae.save_pretrained(folder / "vae")
        target.mkdir()
    for number in range(-(-scenes // PER_FILE)):
        file = target / f"{number:04d}.safetensors"
        if file.exists():
            continue
        indexes = range(number * PER_FILE, (number + 1) * PER_FILE)
        latents = torch.cat(list(encode(vae, indexes, seed))).half()
        save_file({"latents": latents.contiguous()}, file.with_suffix(".part"))
        os.replace(file.with_suffix(".part"), file)
        sys.stdout.write(f"latents of {indexes.stop} scenes\n")
        sys.stdout.flush()


def read_latents(folder: Path) -> torch.Tensor:
    """All latents written so far: (scenes, channels, 16, 16) float16."""
    import torch
    from safetensors.torch import load_file

    files = sorted((folder / "latents").glob("*.safetensors"))
    return torch.cat([load_file(file)["latents"] for file in files])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scenes", type=int, default=61_440)
    options = parser.parse_args()
    write_latents(options.folder, options.scenes)
