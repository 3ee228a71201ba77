"""Train the autoencoder's decoder further: `python -m pipeline.training.mini.train_decoder FOLDER`.

The encoder stays as it is, so latents made with it, and a denoiser trained on them, stay right.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.training.mini.progress import Training
from pipeline.training.mini.vae import LATENT_NOISE, draw_crops, to_tensor

if TYPE_CHECKING:
    import torch

BATCH = 16


def train_decoder(folder: Path, crops: int, rate: float, seed: int = 1) -> None:
    """Train on `crops` parts of painted scenes; goes on from `folder` where it stopped.

    Replaces `folder/vae` whenever the state is saved.
    """
    import torch
    from diffusers import AutoencoderKL

    torch.manual_seed(seed)
    vae = AutoencoderKL.from_pretrained(folder / "vae").to(memory_format=torch.channels_last)
    vae.requires_grad_(False)
    vae.decoder.requires_grad_(True)
    training = Training(
        {"decoder": vae.decoder}, folder / "decoder.pt", steps=crops // BATCH, rate=rate
    )
    start, first = time.monotonic(), training.step
    while not training.is_done:
        state = random.Random(f"{seed} decoder {training.step}")
        pictures = to_tensor(draw_crops(state, BATCH))
        generator = torch.Generator().manual_seed(state.getrandbits(60))
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                latents = vae.encode(pictures).latent_dist.mean.float()
            noise = torch.randn(latents.shape, generator=generator)
            drawn = vae.decode(latents + LATENT_NOISE * noise).sample.float()
            loss = reconstruction_loss(drawn, pictures)
        value = training.update(loss)
        if training.step % 100 == 0:
            speed = (training.step - first) * BATCH / (time.monotonic() - start)
            sys.stdout.write(f"decoder step {training.step} loss {value:.4f} {speed:.0f} crops/s\n")
            sys.stdout.flush()
        if training.step % 500 == 0 or training.is_done:
            training.save()
            with training.averaged():
                vae.save_pretrained(folder / "vae")


def reconstruction_loss(drawn: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
    """Mean absolute error of the pixels and of the steps between neighbours, for sharp edges."""
    error = drawn - pictures
    steps = (error[..., 1:] - error[..., :-1]).abs().mean()
    steps = steps + (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    return error.abs().mean() + 0.5 * error.square().mean() + 0.5 * steps


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--crops", type=int, default=96_000)
    parser.add_argument("--rate", type=float, default=1e-3)
    options = parser.parse_args()
    train_decoder(options.folder, options.crops, options.rate)
