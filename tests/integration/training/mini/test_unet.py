"""The miniature's denoiser and its loss."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pipeline.adapters.sdxl.tiny import WORLD, resolve_model
from pipeline.training.mini.text import MAX_TOKENS, embed
from pipeline.training.mini.unet import build_scheduler, build_unet, time_ids, unet_loss
from pipeline.training.mini.vae import to_tensor
from pipeline.training.world.captions import describe
from pipeline.training.world.painter import paint
from pipeline.training.world.scene import draw_scene
from pipeline.training.world.wording import draw_wording

pytestmark = pytest.mark.integration


def test_the_noise_ends_in_noise_alone() -> None:
    scheduler = build_scheduler()
    assert float(scheduler.alphas_cumprod[-1]) == pytest.approx(0, abs=1e-6)
    assert float(scheduler.alphas_cumprod[0]) > 0.99


def test_time_ids_are_those_of_an_uncut_picture() -> None:
    assert time_ids(2).tolist() == [[128, 128, 0, 0, 128, 128]] * 2


def test_the_packaged_denoiser_is_of_this_design_and_reads_captions() -> None:
    """Its loss is a fraction of a new one's, and grows with the captions of other pictures."""
    import random

    import numpy as np
    from diffusers import StableDiffusionXLPipeline

    packaged = StableDiffusionXLPipeline.from_pretrained(
        Path(resolve_model(WORLD)), dtype=torch.float32
    )
    torch.manual_seed(0)
    new = build_unet()
    assert {n: w.shape for n, w in new.named_parameters()} == {
        n: w.shape for n, w in packaged.unet.named_parameters()
    }
    state = random.Random("denoise")
    scenes = [draw_scene(state) for _ in range(24)]
    texts = [describe(scene, draw_wording(state)).text for scene in scenes]
    ids = packaged.tokenizer(
        texts, padding="max_length", truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
    ).input_ids
    pictures = to_tensor(np.stack([paint(scene) for scene in scenes]))
    with torch.no_grad():
        latents = packaged.vae.encode(pictures).latent_dist.mean
        words, pooled = embed((packaged.text_encoder, packaged.text_encoder_2), ids)

        def loss(unet: torch.nn.Module, shift: int) -> float:
            text = (words.roll(shift, 0), pooled.roll(shift, 0))
            generator = torch.Generator().manual_seed(1)
            return float(unet_loss(unet, build_scheduler(), latents, text, generator))

        right, other, untrained = loss(packaged.unet, 0), loss(packaged.unet, 1), loss(new, 0)
    assert right < 0.5 * untrained
    assert right < other
