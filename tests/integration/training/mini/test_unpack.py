"""The packaged image model comes apart into what the trainers read."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel

from pipeline.adapters.sdxl.tiny import WORLD, resolve_model
from pipeline.training.mini.unpack import unpack

pytestmark = pytest.mark.integration


def test_the_parts_have_the_trainers_names_and_number_format(tmp_path: Path) -> None:
    unpack(Path(resolve_model(WORLD)), tmp_path / "parts")
    assert {path.name for path in (tmp_path / "parts").iterdir()} == {
        "tokenizer", "text_encoder", "text_encoder_2", "vae", "unet", "latents",
    }  # fmt: skip
    unet = UNet2DConditionModel.from_pretrained(tmp_path / "parts" / "unet")
    assert {weight.dtype for weight in unet.parameters()} == {torch.float32}


def test_parts_that_are_there_are_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    with pytest.raises(FileExistsError, match="name an empty folder"):
        unpack(Path(resolve_model(WORLD)), tmp_path)
