"""Put the trained parts together: `python -m pipeline.training.mini.pack FOLDER TARGET`.

TARGET becomes an ordinary `StableDiffusionXLPipeline` folder in half precision.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from pipeline.training.mini.unet import build_scheduler
from pipeline.training.world.words import vocabulary_toml


def pack(folder: Path, target: Path) -> int:
    """Write the pipeline; returns its size in bytes."""
    import torch
    from diffusers import AutoencoderKL, StableDiffusionXLPipeline, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    pipeline = StableDiffusionXLPipeline(
        vae=AutoencoderKL.from_pretrained(folder / "vae"),
        text_encoder=CLIPTextModel.from_pretrained(folder / "text_encoder"),
        text_encoder_2=CLIPTextModelWithProjection.from_pretrained(folder / "text_encoder_2"),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=UNet2DConditionModel.from_pretrained(folder / "unet"),
        scheduler=build_scheduler(),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )
    pipeline.to(torch.float16)
    pipeline.save_pretrained(target, safe_serialization=True)
    for file in target.glob("**/*config.json"):
        _forget_origin(file)
    (target / "vocabulary.toml").write_text(vocabulary_toml(), "utf-8")
    return sum(file.stat().st_size for file in target.rglob("*") if file.is_file())


def _forget_origin(file: Path) -> None:
    """Leave out the folder that a part was loaded from, which says nothing elsewhere."""
    settings = json.loads(file.read_text("utf-8"))
    if settings.pop("_name_or_path", None) is not None:
        file.write_text(json.dumps(settings, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    size = pack(options.folder, options.target)
    sys.stdout.write(f"{options.target}: {size / 1e6:.1f} MB\n")
