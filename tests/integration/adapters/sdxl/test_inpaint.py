"""Edits of real pictures: what lies outside the mask is the picture itself, to the last bit."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.adapters.sdxl.inpaint import box_mask, fit_picture, paste_back
from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.core.draws import Box, Draw, Guide
from pipeline.core.records import AnchorImage, Replacement
from pipeline.core.strategies import IMG2IMG, INPAINT, SAME_NOISE, StrategyParameters

pytestmark = pytest.mark.integration

OpenTiny = Callable[..., SdxlRenderer]
Picture = NDArray[np.uint8]
SIZE = (64, 64)
FACTUAL = "a red car on the street"
RECOLOUR = (Replacement(2, 5, "red", "blue"),)
BOX = (0.25, 0.25, 0.75, 0.625)


def real_picture(seed: int = 0, width_px: int = 96, height_px: int = 80) -> AnchorImage:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (10, 12, 3), dtype=np.uint8)
    picture = Image.fromarray(small).resize((width_px, height_px), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return AnchorImage(buffer.getvalue(), "png", width_px, height_px)


def edit(
    strategy: str = INPAINT,
    *,
    seed: int = 3,
    strength: float = 0.75,
    box: Box | None = None,
    mask: float | None = 0.6,
    picture: int = 0,
) -> Draw:
    return Draw(
        f"a{picture}",
        "min0",
        "a blue car on the street",
        seed,
        strategy,
        parameters=StrategyParameters(strength=strength, mask=mask),
        guide=Guide(FACTUAL, FACTUAL, RECOLOUR),
        picture=real_picture(picture),
        box=box,
    )


def gap(some: Picture, other: Picture) -> float:
    return float(np.abs(some.astype(int) - other.astype(int)).mean())


def distance(some: Sequence[Picture], others: Sequence[Picture]) -> int:
    return int(np.abs(np.stack(some).astype(int) - np.stack(others).astype(int)).max())


SAMPLING: list[dict[str, Any]] = [
    {},
    {"scheduler": "lcm", "guidance_scale": 0.0, "steps": 2},
    {"scheduler": "dpmpp_2m"},
    {"steps": 1, "guidance_scale": 0.0},
]


@pytest.mark.parametrize("settings", SAMPLING, ids=["guided", "lcm", "dpmpp_2m", "one_step"])
def test_outside_a_given_box_the_picture_is_the_real_one_exactly(
    open_tiny: OpenTiny, settings: dict[str, Any]
) -> None:
    renderer = open_tiny(**settings)
    drawn = renderer.draw([edit(box=BOX)])[0]
    real = fit_picture(real_picture(), SIZE)
    outside = np.ones(SIZE, bool)
    outside[16:40, 16:48] = False
    assert (drawn[outside] == real[outside]).all()
    assert gap(drawn[20:36, 20:44], real[20:36, 20:44]) > 3


def test_without_a_box_the_edited_words_say_where(tiny_renderer: SdxlRenderer) -> None:
    real = fit_picture(real_picture(), SIZE)
    narrow, wide = tiny_renderer.draw([edit(mask=0.85), edit(mask=0.3)])
    kept = [float((picture == real).all(axis=2).mean()) for picture in (narrow, wide)]
    assert kept[0] > kept[1] > 0
    # What is redrawn is whole latents: 4 by 4 pixels each, and the rest is untouched.
    cells = (narrow != real).any(axis=2).reshape(16, 4, 16, 4).any(axis=(1, 3))
    assert 0 < cells.mean() < 0.5


def test_img2img_redraws_all_and_the_stronger_the_less_of_the_picture_is_left(
    tiny_renderer: SdxlRenderer,
) -> None:
    """Untrained, a decoder does not give the picture back; but it shows which one it was."""

    def both(strength: float) -> list[Picture]:
        return tiny_renderer.draw(
            [edit(IMG2IMG, strength=strength, mask=None, picture=number) for number in (0, 1)]
        )

    weak, strong = both(0.25), both(1.0)
    assert gap(*weak) > 2 * gap(*strong)
    real = fit_picture(real_picture(), SIZE)
    assert (strong[0] != real).any(axis=2).mean() > 0.95


def test_company_changes_nothing_beyond_float_error(open_tiny: OpenTiny) -> None:
    draws = [
        edit(),
        Draw("b", "control", FACTUAL, 5, SAME_NOISE),
        edit(box=BOX, picture=1, seed=8),
        edit(IMG2IMG, mask=None, picture=2),
        edit(picture=3, seed=9),
    ]
    renderer = open_tiny()
    together = renderer.draw(draws)
    assert distance([renderer.draw([draw])[0] for draw in draws], together) <= 1
    assert distance(open_tiny(batch_size=1).draw(draws), together) <= 1
    assert distance(renderer.draw(draws), together) == 0


def test_seed_shows_within_the_mask(tiny_renderer: SdxlRenderer) -> None:
    some, other = tiny_renderer.draw([edit(box=BOX), edit(box=BOX, seed=4)])
    assert gap(some[20:36, 20:44], other[20:36, 20:44]) > 2


def test_a_picture_is_cut_in_the_middle_and_never_stretched() -> None:
    real = real_picture(width_px=96, height_px=80)
    whole = np.asarray(Image.open(io.BytesIO(real.data)).convert("RGB"))
    assert (fit_picture(real, (80, 80)) == whole[:, 8:88]).all()


def test_pasting_keeps_the_outside_and_softens_the_inside() -> None:
    before = np.full((32, 32, 3), 10, np.uint8)
    after = np.full((32, 32, 3), 210, np.uint8)
    mask = box_mask((0.25, 0.0, 0.75, 1.0), 8, 8).numpy()
    mixed = paste_back(before, after, mask)
    assert (mixed[:, :8] == 10).all()
    assert (mixed[:, 24:] == 10).all()
    assert (mixed[:, 14:18] == 210).all()
    profile = mixed[16, 8:16, 0].astype(int)
    assert (np.diff(profile) >= 0).all()
    assert 10 < profile[1] < 210
    # The picture's own edge is no edge of the mask.
    assert (mixed[0] == mixed[16]).all()


def test_a_box_covers_every_place_that_it_touches() -> None:
    assert box_mask((0.3, 0.3, 0.6, 0.6), 4, 4).sum() == 4
    assert box_mask((0.0, 0.0, 1.0, 1.0), 4, 6).all()
