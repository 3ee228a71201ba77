"""Train the small CLIP: `python -m pipeline.training.mini.train_clip FOLDER`.

Its text side begins as the second text encoder of the small SDXL, whose captions it reads.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.training.mini.clip import build_clip, build_heads, clip_loss, start_patches
from pipeline.training.mini.clip_batches import ClipBatches, decode_pairs
from pipeline.training.mini.progress import Training

PAIRS = 32
"""Pairs in a batch: 64 pictures, 128 captions."""


def train_clip(folder: Path, renderer: Path, pictures: int, rate: float, seed: int = 0) -> None:
    """Train on `pictures` pictures; goes on from `folder` where it stopped.

    Writes `folder/clip`, a `CLIPModel` folder in half precision, whenever the state is saved.
    """
    import torch
    from transformers import CLIPTokenizer

    torch.manual_seed(seed)
    tokenizer = CLIPTokenizer.from_pretrained(renderer / "tokenizer_2")
    decoded = folder / "decoded.npy"
    if not decoded.exists():
        decode_pairs(renderer, decoded, seed)
    batches = ClipBatches(tokenizer, np.load(decoded), seed)
    model = build_clip(tokenizer)
    start_text(model, renderer / "text_encoder_2")
    start_patches(model, torch.cat([batches.draw(-n, PAIRS).pictures for n in range(1, 9)]))
    heads = build_heads()
    training = Training(
        {"clip": model, "heads": heads},
        folder / "clip.pt",
        steps=pictures // (2 * PAIRS),
        rate=rate,
        warm_up=150,
        weight_decay=0.02,
    )
    began, first = time.monotonic(), training.step
    while not training.is_done:
        batch = batches.draw(training.step, PAIRS)
        with torch.autocast("cpu", torch.bfloat16):
            loss, metrics = clip_loss(model, heads, batch)
        training.update(loss)
        if training.step % 25 == 0:
            speed = (training.step - first) * 2 * PAIRS / (time.monotonic() - began)
            values = " ".join(f"{name} {value:.3f}" for name, value in metrics.items())
            sys.stdout.write(f"clip step {training.step} {values} {speed:.0f}/s\n")
            sys.stdout.flush()
        if training.step % 200 == 0:
            training.save()
            with training.averaged():
                pack_clip(model, tokenizer, folder / "clip")
    training.save()
    training.use_averages()
    pack_clip(model, tokenizer, folder / "clip")


def start_text(model: Any, encoder: Path) -> None:
    """Copy a `CLIPTextModelWithProjection` folder into the text side, but for the projection."""
    from transformers import CLIPTextModelWithProjection

    trained = CLIPTextModelWithProjection.from_pretrained(encoder).float()
    model.text_model.load_state_dict(trained.text_model.state_dict())


def pack_clip(model: Any, tokenizer: Any, target: Path) -> None:
    """Write model, tokenizer and preprocessor in half precision; the model stays as it is."""
    import copy

    import torch
    from transformers import CLIPImageProcessorPil

    size = model.config.vision_config.image_size
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": size},
        crop_size={"height": size, "width": size},
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
    )
    copy.deepcopy(model).to(torch.float16).save_pretrained(target)
    (target / "model.safetensors").chmod(0o644)
    plain = copy.deepcopy(tokenizer)  # without what the last batch set
    plain.backend_tokenizer.no_padding()
    plain.backend_tokenizer.no_truncation()
    plain.save_pretrained(target)
    processor.save_pretrained(target)
    for file in target.glob("*.json"):
        settings = json.loads(file.read_text("utf-8"))
        if settings.pop("_name_or_path", None) is not None:
            file.write_text(json.dumps(settings, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--renderer", type=Path, default=Path("pipeline/models/world_sdxl"))
    parser.add_argument("--pictures", type=int, default=125_000)
    parser.add_argument("--rate", type=float, default=1.2e-3)
    options = parser.parse_args()
    train_clip(options.folder, options.renderer, options.pictures, options.rate)
