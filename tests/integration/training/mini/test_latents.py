"""Latents are standardized, once, and go on where they stopped."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pipeline.training.mini import latents as module
from pipeline.training.mini.latents import encode, read_latents, standardize, write_latents
from pipeline.training.mini.vae import build_vae

pytestmark = pytest.mark.integration


def test_each_channel_of_the_latents_has_mean_0_and_deviation_1() -> None:
    torch.manual_seed(0)
    vae = build_vae()
    standardize(vae, scenes=64)
    latents = torch.cat(list(encode(vae, range(-64, 0))))
    assert latents.mean((0, 2, 3)).abs().max() < 0.05
    assert (latents.std((0, 2, 3)) - 1).abs().max() < 0.05


def test_files_that_are_there_are_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PER_FILE", 32)
    torch.manual_seed(0)
    build_vae().save_pretrained(tmp_path / "vae")
    write_latents(tmp_path, 32)
    first = (tmp_path / "latents" / "0000.safetensors").read_bytes()
    decoder = (tmp_path / "vae" / "diffusion_pytorch_model.safetensors").read_bytes()
    write_latents(tmp_path, 64)
    assert (tmp_path / "latents" / "0000.safetensors").read_bytes() == first
    assert (tmp_path / "vae" / "diffusion_pytorch_model.safetensors").read_bytes() == decoder
    assert read_latents(tmp_path).shape == (64, 8, 16, 16)
