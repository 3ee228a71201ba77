"""No picture depends on its batch, its order or its neighbours, beyond float error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.core.protocols import Draw
from pipeline.core.records import Anchor, CounterfactualSet, FullCaption, RenderedSet
from pipeline.render.stage import RenderStage

pytestmark = pytest.mark.integration

CAPTIONS = (
    "a red car on the street",
    "a blue car on the street",
    "two boats on the lake at sunset",
    "three boats on the lake at sunset",
    "young woman seated on the beach",
    "a dog and a puppy playing with a stick",
    "ship travels through fog down the river on its way",
    "people serving food",
)
DRAWS = tuple(
    # Pairs share a seed, as a control and its minimal edit do.
    Draw(f"a{i}", "control", caption, 2**62 + i // 2, "same_noise")
    for i, caption in enumerate(CAPTIONS)
)
SAMPLING = [{}, {"scheduler": "euler_a"}, {"scheduler": "lcm", "guidance_scale": 0.0}]

Picture = NDArray[np.uint8]


def distance(some: Picture, others: Picture) -> int:
    """Largest difference of any channel of any pixel, in grey levels."""
    return int(np.abs(some.astype(int) - others.astype(int)).max())


def stack(pictures: list[Picture]) -> Picture:
    return np.stack(pictures)


@pytest.mark.parametrize("settings", SAMPLING, ids=["euler", "euler_a", "lcm_unguided"])
def test_alone_and_in_a_batch_agree(
    open_tiny: Callable[..., SdxlRenderer], settings: dict[str, object]
) -> None:
    renderer = open_tiny(**settings)
    together = stack(renderer.draw(DRAWS))
    alone = stack([renderer.draw([draw])[0] for draw in DRAWS])
    # Float error may push a value over a rounding edge: one level of 256, seldom.
    assert distance(together, alone) <= 1
    assert (together != alone).mean() < 0.005


@pytest.mark.parametrize("batch_size", [1, 3, 8])
def test_batch_size_changes_nothing(
    open_tiny: Callable[..., SdxlRenderer], tiny_renderer: SdxlRenderer, batch_size: int
) -> None:
    renderer = open_tiny(batch_size=batch_size)
    assert distance(stack(renderer.draw(DRAWS)), stack(tiny_renderer.draw(DRAWS))) <= 1
    assert renderer.fingerprint == tiny_renderer.fingerprint


@pytest.mark.parametrize("settings", SAMPLING, ids=["euler", "euler_a", "lcm_unguided"])
def test_order_and_neighbours_change_no_byte_of_a_batch_of_the_same_size(
    open_tiny: Callable[..., SdxlRenderer], settings: dict[str, object]
) -> None:
    renderer = open_tiny(**settings)
    first = renderer.draw(DRAWS)
    order = [3, 1, 7, 0, 2, 6, 5, 4]
    shuffled = renderer.draw([DRAWS[i] for i in order])
    assert (stack(shuffled) == stack([first[i] for i in order])).all()

    strangers = [Draw("b", "control", f"a {i} house", i, "independent") for i in range(6)]
    among = renderer.draw([*DRAWS[:2], *strangers])
    assert (stack(among[:2]) == stack(first[:2])).all()


def test_the_same_request_gives_the_same_picture_twice_and_in_every_row(
    tiny_renderer: SdxlRenderer,
) -> None:
    pictures = tiny_renderer.draw([DRAWS[0]] * 4 + [DRAWS[1]] * 4)
    assert all((picture == pictures[0]).all() for picture in pictures[:4])
    assert (stack(tiny_renderer.draw([DRAWS[0]] * 4 + [DRAWS[1]] * 4)) == stack(pictures)).all()


def test_a_new_renderer_draws_the_same_bytes(
    open_tiny: Callable[..., SdxlRenderer], tiny_renderer: SdxlRenderer
) -> None:
    assert (stack(open_tiny().draw(DRAWS)) == stack(tiny_renderer.draw(DRAWS))).all()


def test_word_and_seed_both_show(tiny_renderer: SdxlRenderer) -> None:
    red, blue, reseeded = tiny_renderer.draw(
        [DRAWS[0], DRAWS[1], Draw("a0", "control", CAPTIONS[0], 5, "independent")]
    )

    def mean_difference(other: Picture) -> float:
        return float(np.abs(red.astype(int) - other.astype(int)).mean())

    assert mean_difference(blue) > 4
    assert mean_difference(reseeded) > mean_difference(blue)
    assert red.std() > 20  # not a plain surface
    assert np.ptp(red.mean(axis=2)) > 60
    assert (red.max(axis=2).astype(int) - red.min(axis=2)).mean() > 20  # not grey


def test_reordered_anchors_have_the_same_pictures(tiny_renderer: SdxlRenderer) -> None:
    sets = [
        CounterfactualSet(
            Anchor(f"a{i}", caption, caption, "cc_tsv", f"x.tsv:{i}"),
            full=(FullCaption(f"{caption} at night", "rules"),),
        )
        for i, caption in enumerate(CAPTIONS[:5])
    ]
    stage = RenderStage(tiny_renderer, run_seed=1, batch_size=4)

    def by_anchor(order: list[CounterfactualSet]) -> dict[str, Picture]:
        drawn = [r for r in stage.render_sets(order) if isinstance(r, RenderedSet)]
        return {
            r.cfset.anchor.anchor_id: stack([image.pixels for image in r.images]) for r in drawn
        }

    forward, backward = by_anchor(sets), by_anchor(sets[::-1])
    assert forward.keys() == backward.keys() == {f"a{i}" for i in range(5)}
    # The last batch holds two pictures and not four, so one level of float error may show.
    assert max(distance(forward[key], backward[key]) for key in forward) <= 1
    assert all((forward[key] == backward[key]).all() for key in ("a1", "a2", "a3"))
