"""Plain numbers of a picture's look, which need no model: what a probe may find at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STATISTICS: Final = (
    *("red mean", "green mean", "blue mean", "red deviation", "green deviation", "blue deviation"),
    *("grey deviation", "grey skew", "saturation", "darkest", "brightest"),
    *("steps of 1 px", "steps of 2 px", "steps of 4 px", "sharpness", "sharpest"),
    *("block edges", "bits a pixel"),
)
"""Names of the numbers, in order."""


def pixel_statistics(pixels: NDArray[np.uint8], file_bytes: int) -> NDArray[np.float64]:
    """The numbers of one picture: (len(STATISTICS),) float64.

    Steps, sharpness and bits are on a logarithmic scale, so that a blur is one shift whatever
    the picture shows.

    Args:
        pixels: (height_px, width_px, 3) uint8 RGB; at least 16 px either way.
        file_bytes: Length of its encoded file.
    """
    colours = pixels.reshape(-1, 3).astype(np.float64)
    grey = pixels.astype(np.float64) @ np.array((0.299, 0.587, 0.114))
    deviation = grey.std()
    skew = float(((grey - grey.mean()) ** 3).mean() / (deviation**3 + 1e-6))
    saturation = float((colours.max(axis=1) - colours.min(axis=1)).mean())
    curve = np.abs(
        4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    )
    steps = [_log(_step(grey, distance)) for distance in (1, 2, 4)]
    sharpest = float(np.quantile(curve, 0.99))
    return np.array(
        [
            *colours.mean(axis=0), *colours.std(axis=0),
            deviation, skew, saturation, *np.quantile(grey, (0.01, 0.99)),
            *steps, _log(float(curve.mean())), _log(sharpest),
            _log(_block_step(grey)) - steps[0],
            _log(8 * file_bytes / (pixels.shape[0] * pixels.shape[1])),
        ]
    )  # fmt: skip


def _step(grey: NDArray[np.float64], distance_px: int) -> float:
    """Mean step between pixels that far apart, over both directions."""
    across = np.abs(grey[:, distance_px:] - grey[:, :-distance_px]).mean()
    down = np.abs(grey[distance_px:] - grey[:-distance_px]).mean()
    return float((across + down) / 2)


def _block_step(grey: NDArray[np.float64]) -> float:
    """Mean step across the borders of JPEG's blocks of 8 px."""
    across = np.abs(grey[:, 8::8] - grey[:, 7:-1:8]).mean()
    down = np.abs(grey[8::8] - grey[7:-1:8]).mean()
    return float((across + down) / 2)


def _log(value: float) -> float:
    return float(np.log(value + 1e-3))
