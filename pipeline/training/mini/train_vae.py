"""Train the miniature's autoencoder: `python -m pipeline.training.mini.train_vae FOLDER`."""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

from pipeline.training.mini.progress import Training
from pipeline.training.mini.vae import build_vae, draw_crops, to_tensor, vae_loss

BATCH = 16


def train_vae(folder: Path, crops: int, seed: int = 0) -> None:
    """Train on `crops` parts of painted scenes; goes on from `folder` where it stopped.

    Writes `folder/vae` (a diffusers folder) at the end.
    """
    import torch

    torch.manual_seed(seed)
    vae = build_vae().to(memory_format=torch.channels_last)
    training = Training({"vae": vae}, folder / "vae.pt", steps=crops // BATCH, rate=2e-3)
    start, first = time.monotonic(), training.step
    while not training.is_done:
        state = random.Random(f"{seed} vae {training.step}")
        pictures = to_tensor(draw_crops(state, BATCH))
        generator = torch.Generator().manual_seed(state.getrandbits(60))
        with torch.autocast("cpu", torch.bfloat16):
            loss = vae_loss(vae, pictures, generator)
        value = training.update(loss)
        if training.step % 100 == 0:
            speed = (training.step - first) * BATCH / (time.monotonic() - start)
            sys.stdout.write(f"vae step {training.step} loss {value:.4f} {speed:.0f} crops/s\n")
            sys.stdout.flush()
        if training.step % 500 == 0:
            training.save()
    training.save()
    training.use_averages()
    vae.save_pretrained(folder / "vae")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--crops", type=int, default=96_000)
    options = parser.parse_args()
    train_vae(options.folder, options.crops)
