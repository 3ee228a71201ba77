"""Pictures side by side in one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.shards.atomic import atomic_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def save_grid(file: Path, pictures: Sequence[NDArray[np.uint8]], *, columns: int) -> None:
    """Write pictures of one size as a PNG, row by row; the last row may have gaps.

    Args:
        file: Replaced if it exists; may be on a store.
        pictures: At least one, each (height_px, width_px, 3) uint8.
        columns: Pictures in a row.
    """
    from PIL import Image

    height, width, _ = pictures[0].shape
    rows = -(-len(pictures) // columns)
    grid = Image.new("RGB", (columns * width, rows * height), "white")
    for number, picture in enumerate(pictures):
        place = (number % columns * width, number // columns * height)
        grid.paste(Image.fromarray(picture), place)
    with atomic_file(file) as opened:
        grid.save(opened, "PNG")
