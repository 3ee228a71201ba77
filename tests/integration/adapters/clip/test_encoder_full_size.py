"""The scorer's encoders of full size, as a GPU would take or refuse their operations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.adapters.clip import encoder as clip
from pipeline.adapters.clip.weights import LoadedClip, load_clip, locate_clip
from tests.integration.adapters.clip.clip_folders import build_clip_folder, build_siglip_folder
from tests.integration.adapters.gpu_rules import RefusedByGpu, as_on_a_gpu

pytestmark = pytest.mark.integration

TEXTS = ("a red dog", "a green dog left of the cat")


def full_clip() -> Any:
    """OpenAI's ViT-L/14."""
    from transformers import CLIPConfig, CLIPModel

    text = {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12}
    vision = {
        "hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16,
        "num_hidden_layers": 24, "patch_size": 14,
    }  # fmt: skip
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=768)
    with torch.device("meta"):
        return CLIPModel(config)


def full_siglip() -> Any:
    """The shape of google/siglip-base-patch16-224."""
    from transformers import SiglipConfig, SiglipModel

    with torch.device("meta"):
        return SiglipModel(SiglipConfig())


MODELS = {
    "clip": (build_clip_folder, full_clip, 224, 768),
    "siglip": (build_siglip_folder, full_siglip, 224, 768),
}


@pytest.fixture(params=MODELS)
def opened(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[clip.ClipEncoder, int]:
    """The real encoder over a full-size model; tokenizer and processor are a small one's."""
    build_small, build_full, size_px, width = MODELS[request.param]
    build_small(tmp_path)
    weights = locate_clip(str(tmp_path), None)
    small = load_clip(weights, torch.device("cpu"))
    model = build_full().eval()
    small.processor.size = {"height": size_px, "width": size_px}
    small.processor.crop_size = {"height": size_px, "width": size_px}
    large = LoadedClip(model, small.tokenizer, small.processor, small.max_tokens, small.pads_to_max)
    monkeypatch.setattr(clip, "load_clip", lambda *_: large)
    return clip.ClipEncoder(weights, torch.device("meta"), 8), width


def test_a_gpu_takes_every_operation(opened: tuple[clip.ClipEncoder, int]) -> None:
    encoder, width = opened
    pictures = [np.zeros((300, 400, 3), np.uint8)] * 3
    with as_on_a_gpu() as rules:
        assert encoder.embed_texts(TEXTS).shape == (2, width)
        assert encoder.embed_pictures(pictures).shape == (3, width)
    assert rules.peaks[""] > 2**20


def test_pictures_left_on_the_cpu_are_refused(opened: tuple[clip.ClipEncoder, int]) -> None:
    encoder, _ = opened
    encoder._device = torch.device("cpu")
    with as_on_a_gpu(), pytest.raises(RefusedByGpu, match="different devices"):
        encoder.embed_pictures([np.zeros((300, 400, 3), np.uint8)])
