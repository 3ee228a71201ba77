"""Pictures side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.report.grid import save_grid


def test_pictures_stand_row_by_row_and_gaps_are_white(tmp_path: Path) -> None:
    shades = [np.full((4, 6, 3), 10 * i, np.uint8) for i in range(5)]
    save_grid(tmp_path / "grid.png", shades, columns=3)
    grid = np.asarray(Image.open(tmp_path / "grid.png"))
    assert grid.shape == (8, 18, 3)
    cells = grid.reshape(2, 4, 3, 6, 3).transpose(0, 2, 1, 3, 4).reshape(6, -1)
    assert cells.min(axis=1).tolist() == cells.max(axis=1).tolist() == [0, 10, 20, 30, 40, 255]
