"""The arithmetic of a picture, against counts of the true configuration."""

from __future__ import annotations

import pytest

from pipeline.config.loading import load_config
from pipeline.tools.plan import image_tflop


@pytest.mark.parametrize(
    ("flags", "tflop"),
    [
        # Forward passes of the real UNet: 1.589 TFLOP at 512 squared, 6.761 at 1024 squared.
        ({"images.width_px": 1024, "images.height_px": 1024}, 30 * 2 * 6.761 + 10.47 + 0.22),
        # A step with the block cache: 0.455 TFLOP.
        ({"images.block_cache_interval": 2}, 30 * (6.761 + 0.455) + 10.47 + 0.22),
        (
            {
                "images.width_px": 512,
                "images.height_px": 512,
                "images.steps": 1,
                "images.guidance_scale": 0,
            },
            1.589 + 10.47 / 4 + 0.11,
        ),
    ],
)
def test_arithmetic_of_a_picture(flags: dict[str, object], tflop: float) -> None:
    assert image_tflop(load_config(flags, environ={}).images) == pytest.approx(tflop, rel=0.01)
