"""How pictures are scaled and cut."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import PermanentError
from pipeline.training.sdxl.config import (
    PicturesConfig,
)
from pipeline.training.sdxl.examples import Example, cut_picture, plan_crop

SMALL = PicturesConfig(width_px=64, height_px=32)


class TestCrops:
    def test_the_centre_of_a_wide_picture(self) -> None:
        crop = plan_crop((100, 400), SMALL, seed=None)
        # 32 / 100 is the larger of the two scales, so the height just fits.
        assert crop.scaled_px == (32, 128)
        assert crop.corner_px == (0, 32)
        assert crop.time_ids == (100, 400, 0, 32, 32, 64)

    def test_a_small_picture_is_enlarged_and_says_so(self) -> None:
        crop = plan_crop((20, 20), SMALL, seed=None)
        assert crop.scaled_px == (64, 64)
        assert crop.time_ids == (20, 20, 16, 0, 32, 64)

    def test_random_places_stay_inside_and_depend_on_the_seed(self) -> None:
        corners = {plan_crop((100, 400), SMALL, seed=seed).corner_px for seed in range(200)}
        assert len(corners) > 20
        assert {top for top, _ in corners} == {0}
        assert min(left for _, left in corners) >= 0
        assert max(left for _, left in corners) <= 64
        again = {plan_crop((100, 400), SMALL, seed=seed).corner_px for seed in range(200)}
        assert again == corners

    def test_the_cut_pixels_are_those_of_the_recorded_place(self) -> None:
        # Columns get brighter to the right, so a column tells where it was cut.
        ramp = np.broadcast_to(np.arange(128, dtype=np.uint8)[None, :, None] * 2, (32, 128, 3))
        pixels, crop = cut_picture(_example(ramp), SMALL, seed=5)
        top, left = crop.corner_px
        assert (top, pixels.shape) == (0, (32, 64, 3))
        assert 0 < left < 64
        assert np.array_equal(pixels, ramp[:, left : left + 64])

    def test_a_turned_photograph_is_learned_upright(self) -> None:
        image = Image.fromarray(np.zeros((40, 80, 3), np.uint8))
        exif = Image.Exif()
        exif[0x0112] = 6  # shot with the camera on its side
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", exif=exif)
        _, crop = cut_picture(Example("x", "a b", buffer.getvalue()), SMALL, seed=None)
        assert crop.original_px == (80, 40)

    def test_what_is_transparent_is_white(self) -> None:
        pixels, _ = cut_picture(_example(np.zeros((32, 64, 4), np.uint8)), SMALL, seed=None)
        assert pixels.min() == 255

    def test_a_damaged_picture_is_named(self) -> None:
        with pytest.raises(PermanentError, match=r"a\.tar:7: the picture does not decode"):
            cut_picture(Example("a.tar:7", "a b", b"\xff\xd8\xffnothing"), SMALL, seed=None)


def _example(pixels: np.ndarray) -> Example:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return Example("test", "a test", buffer.getvalue())
