"""The advice for a GPU is a valid config that fits its memory by the stated sizes."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.adapters.sdxl.gpu_advice import (
    DECODE_GIB,
    FP16_VAE,
    GUIDED_PICTURE_GIB,
    WEIGHTS_GIB,
    advice,
    in_words,
)
from pipeline.config.loading import load_config

CARDS_GIB = (5.8, 7.6, 7.9, 11.6, 15.6, 23.6, 39.4, 47.5, 79.1, 139.8)
DECODED_AT_ONCE = 4


@pytest.mark.parametrize("memory_gib", CARDS_GIB)
@pytest.mark.parametrize("has_bf16", [True, False])
def test_the_advice_is_a_valid_config(memory_gib: float, has_bf16: bool) -> None:
    settings = advice(memory_gib, has_bf16=has_bf16)
    assert settings is not None
    flags: dict[str, Any] = dict(settings)
    images = load_config({"images.renderer": "sdxl", **flags}, environ={}).images
    assert (images.vae == FP16_VAE) is not has_bf16


@pytest.mark.parametrize("memory_gib", CARDS_GIB)
def test_what_is_advised_fits_by_the_stated_sizes(memory_gib: float) -> None:
    flags: dict[str, Any] = dict(advice(memory_gib) or {})
    images = load_config(flags, environ={}).images
    share = images.width_px * images.height_px / 1024**2
    held = WEIGHTS_GIB["unet"] + WEIGHTS_GIB["vae"]
    if not images.release_text_encoders and not images.cpu_offload:
        held += WEIGHTS_GIB["text_encoders"]
    drawing = held + images.batch_size * GUIDED_PICTURE_GIB * share
    at_once = 1 if images.vae_slicing else min(DECODED_AT_ONCE, images.batch_size)
    decoding = (WEIGHTS_GIB["vae"] if images.cpu_offload else held) + at_once * DECODE_GIB * share
    assert max(drawing, decoding) <= memory_gib


def test_the_named_sizes() -> None:
    assert advice(7.8) == {
        "images.batch_size": 1,
        "images.cpu_offload": True,
        "images.vae_slicing": True,
        "images.vae_tiling": True,
    }
    assert advice(11.7) == {
        "images.batch_size": 2,
        "images.release_text_encoders": True,
        "images.vae_slicing": True,
    }
    assert advice(3.9) is None


def test_the_words_are_flags_that_can_be_pasted() -> None:
    assert in_words(7.8).startswith("start with --set images.batch_size=1 --set images.cpu_offload")
    assert "4.8 GiB" in in_words(2.0)
