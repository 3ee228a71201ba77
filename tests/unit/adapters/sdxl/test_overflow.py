"""Which advice fits which number format, and when the model is to blame."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pipeline.adapters.sdxl.overflow import MANY_IN_A_ROW, OverflowWatch, advise
from pipeline.adapters.sdxl.pixels import Overflow
from pipeline.core.draws import Draw
from pipeline.core.errors import PermanentError
from pipeline.core.stage import Fault

FORMATS = (torch.float16, torch.float32)
PICTURE = np.zeros((8, 8, 3), np.uint8)


@pytest.mark.parametrize(
    ("unet", "vae", "in_latents", "said"),
    [
        ("float16", "float32", True, "images.dtype bfloat16 or float32"),
        ("bfloat16", "bfloat16", True, "images.dtype float32"),
        ("float16", "float16", False, "images.vae mended for float16"),
        ("bfloat16", "bfloat16", False, "images.dtype float32"),
        ("float32", "float32", True, "the network computes in float32 already"),
        ("float32", "float32", False, "the decoder (images.vae) computes in float32 already"),
        ("float16", "float32", False, "the decoder (images.vae) computes in float32 already"),
    ],
)
def test_nobody_is_advised_to_choose_what_is_on(
    unet: str, vae: str, in_latents: bool, said: str
) -> None:
    advice = advise(unet, vae, in_latents=in_latents, has_lora=False)
    assert said in advice
    assert "lora" not in advice


def test_a_lora_is_named_only_where_there_is_one() -> None:
    assert "images.lora" in advise("float32", "float32", in_latents=True, has_lora=True)


def draws(anchors: list[str]) -> list[Draw]:
    return [Draw(name, "control", "a dog", 1, "independent") for name in anchors]


def test_pictures_that_come_out_between_break_the_row() -> None:
    watch = OverflowWatch(has_lora=False)
    for _ in range(MANY_IN_A_ROW):
        results = watch.judge(draws(["a", "b"]), [Overflow(in_latents=True), PICTURE], FORMATS)
        assert isinstance(results[0], Fault)
        assert results[1] is PICTURE


def test_one_anchor_alone_is_not_the_model() -> None:
    watch = OverflowWatch(has_lora=False)
    bad = [Overflow(in_latents=True)] * (2 * MANY_IN_A_ROW)
    assert all(watch.judge(draws(["a"] * len(bad)), bad, FORMATS))
    with pytest.raises(PermanentError, match=r"last 33 pictures.*bfloat16 or float32"):
        watch.judge(draws(["b"]), bad[:1], FORMATS)
