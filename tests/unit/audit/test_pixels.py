"""Plain numbers of a picture."""

from __future__ import annotations

import itertools

import numpy as np

from pipeline.audit.pixels import STATISTICS, pixel_statistics


def test_pixel_statistics_see_a_blur() -> None:
    rng = np.random.default_rng(5)
    sharp = rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    soft = ((sharp.astype(int) + np.roll(sharp, 1, 1)) // 2).astype(np.uint8)
    one, other = (
        dict(zip(STATISTICS, pixel_statistics(p, 900), strict=True)) for p in (sharp, soft)
    )
    assert other["sharpness"] < one["sharpness"]
    assert other["steps of 1 px"] < one["steps of 1 px"]
    assert abs(other["red mean"] - one["red mean"]) < 1
    flat = pixel_statistics(np.zeros((16, 16, 3), np.uint8), 300)
    assert np.isfinite(flat).all()
    assert all(a != b for a, b in itertools.pairwise(STATISTICS))
