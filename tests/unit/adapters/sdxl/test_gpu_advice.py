"""The advice for a GPU is a valid config that fits its memory by the stated sizes."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.adapters.sdxl.gpu_advice import (
    FP16_VAE,
    advice,
    in_words,
    peak_gib,
)
from pipeline.config.loading import load_config

CARDS_GIB = (5.8, 7.6, 7.9, 11.6, 15.6, 23.6, 39.4, 47.5, 79.1, 139.8)
CUDA_ITSELF_GIB = 0.6


@pytest.mark.parametrize("memory_gib", CARDS_GIB)
@pytest.mark.parametrize("has_bf16", [True, False])
def test_the_advice_is_a_valid_config(memory_gib: float, has_bf16: bool) -> None:
    settings = advice(memory_gib, has_bf16=has_bf16)
    assert settings is not None
    flags: dict[str, Any] = dict(settings)
    images = load_config({"images.renderer": "sdxl", **flags}, environ={}).images
    assert (images.vae == FP16_VAE) is not has_bf16


@pytest.mark.parametrize("memory_gib", CARDS_GIB)
def test_what_is_advised_fits_by_the_estimate(memory_gib: float) -> None:
    assert peak_gib(advice(memory_gib) or {}) + CUDA_ITSELF_GIB <= memory_gib


def test_the_estimate_counts_what_is_held_and_what_is_at_work() -> None:
    plain = peak_gib({"images.batch_size": 8})
    assert plain == pytest.approx(7.67 + 4 * 1.5)
    assert peak_gib({"images.batch_size": 32}) == pytest.approx(7.67 + 32 * 0.31)
    sliced = {"images.batch_size": 8, "images.vae_slicing": True}
    assert peak_gib(sliced) == pytest.approx(7.67 + 8 * 0.31)
    released = {**sliced, "images.release_text_encoders": True}
    assert peak_gib(released) == pytest.approx(4.94 + 8 * 0.31)
    few = {**released, "images.batch_size": 1}
    assert peak_gib(few) == pytest.approx(6.46), "while captions are encoded"
    apart = {"images.batch_size": 1, "images.cpu_offload": True}
    assert peak_gib(apart) == pytest.approx(4.78 + 0.31)


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
