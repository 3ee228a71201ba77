"""Pictures of a trained model: drawn by the renderer, and cut out of a validation grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline.adapters.sdxl.renderer import open_renderer
from pipeline.adapters.sdxl.tiny import NATIVE_SIZE_PX
from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.outcome import FinetuneOutcome
from pipeline.training.sdxl.validation import LABEL_PX, MARGIN_PX

PROMPTS = ("a red wall", "a blue sky")

SEEDS = (5, 6)

DRAWING = {"steps": 4, "guidance_scale": 3.0}

Picture = np.ndarray[Any, np.dtype[np.uint8]]

Trained = tuple[FinetuneConfig, FinetuneOutcome]


def draw(**settings: Any) -> dict[tuple[str, int], Picture]:
    """What the project's own renderer draws."""
    size = {"width_px": NATIVE_SIZE_PX, "height_px": NATIVE_SIZE_PX}
    renderer = open_renderer(
        ImagesConfig(renderer="sdxl", device="cpu", **DRAWING, **size, **settings)
    )
    wanted = [(prompt, seed) for prompt in PROMPTS for seed in SEEDS]
    pictures = renderer.draw(
        [Draw("a", f"min{i}", p, s, "independent") for i, (p, s) in enumerate(wanted)]
    )
    renderer.close()
    return dict(zip(wanted, pictures, strict=True))


def cells(grid: Path) -> dict[tuple[str, int], Picture]:
    """The pictures of a validation grid."""
    with Image.open(grid) as image:
        pixels = np.asarray(image.convert("RGB"))
    found = {}
    for y, prompt in enumerate(PROMPTS):
        for x, seed in enumerate(SEEDS):
            top = MARGIN_PX + y * (NATIVE_SIZE_PX + MARGIN_PX + LABEL_PX) + LABEL_PX
            left = MARGIN_PX + x * (NATIVE_SIZE_PX + MARGIN_PX)
            found[prompt, seed] = pixels[top : top + NATIVE_SIZE_PX, left : left + NATIVE_SIZE_PX]
    return found


def difference(one: dict[Any, Picture], other: dict[Any, Picture]) -> float:
    """Largest difference of any value in any picture, of 255."""
    assert one.keys() == other.keys()
    return max(float(np.abs(one[k].astype(int) - other[k].astype(int)).max()) for k in one)
