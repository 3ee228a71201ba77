from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pipeline.scoring.pixels import (
    HASH_BITS,
    change,
    contrast,
    detail,
    hash_distance,
    perceptual_hash,
)


def even(level: int, side_px: int = 64) -> NDArray[np.uint8]:
    return np.full((side_px, side_px, 3), level, np.uint8)


def scene(seed: int, width_px: int = 96, height_px: int = 64) -> NDArray[np.uint8]:
    """Smooth patches, as of a picture and unlike noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize((width_px, height_px), Image.Resampling.BICUBIC)
    return np.asarray(picture)


def blurred(pixels: NDArray[np.uint8], radius: float) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))


@pytest.mark.parametrize("level", [0, 77, 255])
def test_an_even_picture_has_neither_contrast_nor_detail_nor_waves(level: int) -> None:
    assert contrast(even(level)) == pytest.approx(0, abs=1e-9)
    assert detail(even(level)) == pytest.approx(0, abs=1e-9)
    assert perceptual_hash(even(level)) == 0


def test_a_chessboard_has_the_most_of_both() -> None:
    board = np.indices((8, 8)).sum(axis=0) % 2 * 255
    pixels = np.repeat(board[:, :, None], 3, axis=2).astype(np.uint8)
    assert contrast(pixels) == pytest.approx(127.5)
    assert detail(pixels) == pytest.approx(255)
    assert change(pixels, 255 - pixels) == 1.0


def test_blur_lowers_detail_and_noise_raises_it() -> None:
    rng = np.random.default_rng(3)
    plain = scene(1)
    noisy = np.clip(plain + rng.normal(0, 40, plain.shape), 0, 255).astype(np.uint8)
    assert detail(blurred(plain, 4)) < detail(plain) < detail(noisy) / 3


def test_a_picture_of_one_point_is_measured_too() -> None:
    assert detail(even(9, 1)) == 0
    assert contrast(even(9, 1)) == pytest.approx(0, abs=1e-9)


def test_change_is_a_mean_and_takes_pictures_of_other_sizes() -> None:
    assert change(even(100), even(100)) == 0
    assert change(even(51), even(0)) == pytest.approx(0.2)
    assert change(even(51, 32), even(0, 64)) == pytest.approx(0.2)
    half = even(0)
    half[:, :32] = 255
    assert change(half, even(0)) == pytest.approx(0.5)


def test_a_hash_is_stable_for_the_same_scene_and_far_for_another() -> None:
    hashes = [perceptual_hash(scene(seed)) for seed in range(100)]
    same = []
    for seed, found in enumerate(hashes):
        assert 0 <= found < 1 << HASH_BITS
        small = Image.fromarray(scene(seed)).resize((48, 32), Image.Resampling.BOX)
        same += [
            hash_distance(found, perceptual_hash(np.asarray(small))),
            hash_distance(found, perceptual_hash(blurred(scene(seed), 1))),
        ]
    others = [hash_distance(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
    assert max(same) < 14
    assert np.mean(same) < 4
    assert min(others) >= 8
    assert np.mean(others) > 28


def test_a_brighter_picture_has_the_same_hash_and_an_inverse_one_the_opposite() -> None:
    plain = (scene(5) // 2).astype(np.uint8)
    assert hash_distance(perceptual_hash(plain), perceptual_hash(plain + 40)) <= 2
    assert hash_distance(perceptual_hash(plain), perceptual_hash(255 - plain)) >= 60


def test_the_hash_is_that_of_the_definition() -> None:
    """Against the transform written out as a sum."""
    grey = np.asarray(Image.fromarray(scene(8, 32, 32)).convert("L"), np.float64)
    n = np.arange(32)
    waves = np.array(
        [
            [
                sum(
                    grey[y]
                    @ np.cos(np.pi * v * (n + 0.5) / 32)
                    * np.cos(np.pi * u * (y + 0.5) / 32)
                    for y in range(32)
                )
                for v in range(1, 9)
            ]
            for u in range(1, 9)
        ]
    )
    bits = (waves > np.median(waves)).ravel()
    assert perceptual_hash(scene(8, 32, 32)) == int("".join("01"[int(bit)] for bit in bits), 2)
