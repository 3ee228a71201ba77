"""Every scheduler, and the steps of distilled models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.adapters.sdxl.renderer import SdxlRenderer, open_renderer
from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw
from pipeline.core.errors import ConfigError

pytestmark = pytest.mark.integration


OpenTiny = Callable[..., SdxlRenderer]


DRAWS = [
    Draw("a0", "control", "a red car on the street", 11, "same_noise"),
    Draw("a0", "min0", "a blue car on the street", 11, "same_noise"),
]


def paint(renderer: SdxlRenderer) -> NDArray[np.uint8]:
    return np.stack(renderer.draw(DRAWS))


@pytest.mark.parametrize("scheduler", ["euler_a", "dpmpp_2m", "ddim", "lcm", "unipc"])
def test_every_scheduler_draws_another_picture_twice_the_same(
    open_tiny: OpenTiny, tiny_renderer: SdxlRenderer, scheduler: str
) -> None:
    renderer = open_tiny(scheduler=scheduler)
    first = paint(renderer)
    assert (paint(renderer) == first).all()
    assert np.abs(first.astype(int) - paint(tiny_renderer)).mean() > 1
    assert first.std() > 20
    config = renderer.pipeline.scheduler.config
    assert config.prediction_type == "v_prediction"  # the model's own, kept
    assert renderer.fingerprint != tiny_renderer.fingerprint


def test_the_models_own_scheduler_by_name_draws_the_same(
    open_tiny: OpenTiny, tiny_renderer: SdxlRenderer
) -> None:
    assert (paint(open_tiny(scheduler="euler")) == paint(tiny_renderer)).all()


SEVEN_DRAWS = [Draw(f"a{i}", "control", f"a photo of {i} dogs", i, "independent") for i in range(7)]


def test_a_scheduler_that_cannot_do_the_steps_is_refused(open_tiny: OpenTiny) -> None:
    with pytest.raises(ConfigError, match=r"LCMScheduler cannot do images\.steps = 400"):
        open_tiny(scheduler="lcm", steps=400).draw(SEVEN_DRAWS[:1])


CAPTIONS = ("a red dog on a sofa", "two boats under a bridge", "a small green house by night")


THREE_DRAWS = [
    Draw("a", f"full{number}", caption, 7 + number, "independent")
    for number, caption in enumerate(CAPTIONS)
]


def levels(renderer: SdxlRenderer, draws: list[Draw] | None = None) -> np.ndarray[Any, Any]:
    return np.stack(renderer.draw(THREE_DRAWS if draws is None else draws)).astype(np.int64)


@pytest.mark.parametrize(
    ("family", "kind", "timesteps"),
    [
        ("dmd2", "LCMScheduler", [999, 749, 499, 249]),
        ("lcm", "LCMScheduler", [999, 759, 499, 259]),
        ("lightning", "EulerDiscreteScheduler", [999, 749, 499, 249]),
        ("turbo", "EulerAncestralDiscreteScheduler", [999, 749, 499, 249]),
    ],
)
def test_distilled_families_step_as_their_makers_say(
    open_tiny: OpenTiny, family: str, kind: str, timesteps: list[int]
) -> None:
    renderer = open_tiny(preset="draft", distilled=family, width_px=64, height_px=64, batch_size=2)
    scheduler = renderer.pipeline.scheduler
    assert type(scheduler).__name__ == kind
    assert scheduler.timesteps.tolist() == timesteps
    pictures = levels(renderer)
    assert (pictures[0] != pictures[1]).any()


def test_each_family_is_another_fingerprint(tiny_config: Callable[..., ImagesConfig]) -> None:

    settings: list[dict[str, Any]] = [
        {"preset": "draft", "distilled": "lcm", "steps": 4, "guidance_scale": 0},
        {"preset": "draft", "distilled": "dmd2", "steps": 4, "guidance_scale": 0},
        {"steps": 8, "block_cache_interval": 2},
        {"steps": 8, "timestep_spacing": "leading"},
        {"steps": 8},
    ]
    assert len({open_renderer(tiny_config(**s)).fingerprint for s in settings}) == len(settings)
    same = open_renderer(tiny_config(steps=8, release_text_encoders=True, compile="regional"))
    assert same.fingerprint == open_renderer(tiny_config(steps=8)).fingerprint
