"""The cache of deep features."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw

OpenTiny = Callable[..., SdxlRenderer]


pytestmark = pytest.mark.integration


CAPTIONS = ("a red dog on a sofa", "two boats under a bridge", "a small green house by night")


THREE_DRAWS = [
    Draw("a", f"full{number}", caption, 7 + number, "independent")
    for number, caption in enumerate(CAPTIONS)
]


FLOAT_ERROR = 2
"""Grey levels between two ways to compute the same."""


def levels(renderer: SdxlRenderer, draws: list[Draw] | None = None) -> np.ndarray[Any, Any]:
    return np.stack(renderer.draw(THREE_DRAWS if draws is None else draws)).astype(np.int64)


@pytest.fixture(scope="module")
def plain(tiny_config: Callable[..., ImagesConfig]) -> Iterator[SdxlRenderer]:
    from pipeline.adapters.sdxl.renderer import open_renderer

    renderer = open_renderer(tiny_config(steps=6))
    yield renderer
    renderer.close()


@pytest.fixture(scope="module")
def painted(plain: SdxlRenderer) -> np.ndarray[Any, Any]:
    return levels(plain)


def test_the_block_cache_skips_every_other_step_and_stays_near(
    open_tiny: OpenTiny, painted: np.ndarray[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.adapters.sdxl import speed as sdxl_speed
    from pipeline.adapters.sdxl.block_cache import BlockCache

    laid: list[BlockCache] = []

    def keep(*arguments: Any) -> BlockCache:
        laid.append(BlockCache(*arguments))
        return laid[-1]

    monkeypatch.setattr(sdxl_speed, "BlockCache", keep)
    renderer = open_tiny(steps=6, block_cache_interval=2)
    cached = levels(renderer)
    assert laid[0].skipped == 3
    difference = np.abs(cached - painted)
    assert difference.max() > FLOAT_ERROR, "nothing was reused"
    other = np.abs(painted[0] - painted[1]).mean()
    assert difference.mean() < other / 2, "nearer to another picture than to its own"
    # A second batch, of another size, begins anew and takes nothing from the first.
    assert np.abs(levels(renderer, THREE_DRAWS[1:]) - cached[1:]).max() <= FLOAT_ERROR
    assert laid[0].skipped == 6
    assert (levels(renderer) == cached).all()
