"""Train the denoiser: `python -m pipeline.training.mini.train_unet FOLDER`.

With `torchrun --nproc-per-node 2 -m pipeline.training.mini.train_unet FOLDER` two processes
of one thread each share every batch, which on two cores is faster than one of two threads.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from pipeline.training.mini.latents import read_latents, training_scene
from pipeline.training.mini.progress import Training
from pipeline.training.mini.text import MAX_TOKENS, embed
from pipeline.training.mini.unet import build_scheduler, build_unet, unet_loss
from pipeline.training.world.captions import describe
from pipeline.training.world.scene import Scene, is_held_out
from pipeline.training.world.wording import draw_wording

BATCH = 64
SAVE_EVERY = 500


def train_unet(folder: Path, samples: int, rate: float, seed: int = 0) -> None:
    """Train on `samples` captioned scenes; goes on from `folder/unet.pt` where it stopped.

    Without that file it begins with the weights of `folder/unet`, if there are any. Writes
    `folder/unet` at the end, and whenever the state is saved.
    """
    import torch
    from diffusers.models.attention_processor import AttnProcessor
    from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if world > 1:
        torch.distributed.init_process_group("gloo")
        torch.set_num_threads(1)
    torch.manual_seed(seed)
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    encoders = (
        CLIPTextModel.from_pretrained(folder / "text_encoder"),
        CLIPTextModelWithProjection.from_pretrained(folder / "text_encoder_2"),
    )
    latents = read_latents(folder)
    scenes = _training_scenes(0, len(latents), seed)
    unet = _begin(folder / "unet").to(memory_format=torch.channels_last)
    # On a CPU the plain processor trains faster than the fused one.
    unet.set_attn_processor(AttnProcessor())
    scheduler = build_scheduler()
    training = Training(
        {"unet": unet}, folder / "unet.pt", steps=samples // BATCH, rate=rate, average=0.9995,
        warm_up=300, weight_decay=0.01,
    )  # fmt: skip
    share = BATCH // world
    started, first, recent = time.monotonic(), training.step, 0.0
    while not training.is_done:
        if training.step % SAVE_EVERY == 0:  # more may have been made in the meantime
            known, latents = len(latents), read_latents(folder)
            scenes += _training_scenes(known, len(latents), seed)
        state = random.Random(f"{seed} unet {training.step} {rank}")
        drawn = [_pick(state, scenes) for _ in range(share)]
        texts = [describe(scene, draw_wording(state)).text for _, scene in drawn]
        rows = [row for row, _ in drawn]
        ids = tokenizer(
            texts, padding="max_length", truncation=True, max_length=MAX_TOKENS,
            return_tensors="pt",
        ).input_ids  # fmt: skip
        generator = torch.Generator().manual_seed(state.getrandbits(60))
        with torch.no_grad():
            text = embed(encoders, ids)
        loss = unet_loss(unet, scheduler, latents[rows].float(), text, generator)
        value = training.update(loss, world)
        recent += value
        if rank:
            continue
        if training.step % 50 == 0:
            speed = (training.step - first) * BATCH / (time.monotonic() - started)
            _log(f"step {training.step} loss {recent / 50:.4f} {speed:.0f} samples/s")
            recent = 0.0
        if training.step % SAVE_EVERY == 0 or training.is_done:
            training.save()
            _export(training, unet, folder / "unet")


def _begin(folder: Path) -> Any:
    """The weights that are there, such as those of a packed model, else new ones."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel.from_pretrained(folder) if folder.exists() else build_unet()


def _training_scenes(start: int, stop: int, seed: int) -> list[tuple[int, Scene]]:
    """Number and scene of what is trained on."""
    scenes = ((index, training_scene(index, seed)) for index in range(start, stop))
    return [(index, scene) for index, scene in scenes if not is_held_out(scene)]


def _pick(state: random.Random, scenes: list[tuple[int, Scene]]) -> tuple[int, Scene]:
    """A scene; those of two things more often, as they are what takes longest to learn."""
    picked = state.choice(scenes)
    if len(picked[1].things) == 1 and state.random() < 0.5:
        picked = state.choice(scenes)
    return picked


def _export(training: Training, unet: Any, folder: Path) -> None:
    """Write the averaged weights as a diffusers folder, and train on with the others."""
    with training.averaged():
        unet.save_pretrained(folder)


def _log(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--rate", type=float, default=1e-3)
    options = parser.parse_args()
    train_unet(options.folder, options.samples, options.rate)
