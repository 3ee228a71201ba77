"""Settings, memory, and that a picture depends on prompt and seed alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.adapters.sdxl.renderer import SdxlRenderer, open_renderer
from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw, Guide
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.records import Replacement
from pipeline.core.strategies import StrategyParameters

pytestmark = pytest.mark.integration


OpenTiny = Callable[..., SdxlRenderer]


DRAWS = [
    Draw("a0", "control", "a red car on the street", 11, "same_noise"),
    Draw("a0", "min0", "a blue car on the street", 11, "same_noise"),
]


CHANGE = (Replacement(2, 5, "red", "blue"),)


def paint(renderer: SdxlRenderer) -> NDArray[np.uint8]:
    return np.stack(renderer.draw(DRAWS))


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": 5},
        {"guidance_scale": 3.0},
        {"guidance_scale": 0.0},
        {"negative_prompt": "blurry"},
        {"dtype": "bfloat16"},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_every_setting_shows_in_picture_and_fingerprint(
    open_tiny: OpenTiny, tiny_renderer: SdxlRenderer, changes: dict[str, Any]
) -> None:
    renderer = open_tiny(**changes)
    assert (paint(renderer) != paint(tiny_renderer)).any()
    assert renderer.fingerprint != tiny_renderer.fingerprint


def test_bfloat16_on_the_cpu_is_near_float32(
    open_tiny: OpenTiny, tiny_renderer: SdxlRenderer
) -> None:
    difference = np.abs(paint(open_tiny(dtype="bfloat16")).astype(int) - paint(tiny_renderer))
    assert difference.mean() < 10


def test_without_guidance_the_negative_prompt_and_the_scale_count_nothing(
    open_tiny: OpenTiny,
) -> None:
    off = paint(open_tiny(guidance_scale=0.0))
    assert (paint(open_tiny(guidance_scale=1.0, negative_prompt="blurry")) == off).all()


def test_any_size_that_the_model_can_draw(open_tiny: OpenTiny) -> None:
    assert paint(open_tiny(width_px=96, height_px=72)).shape == (2, 72, 96, 3)


Config = Callable[..., ImagesConfig]


SEVEN_DRAWS = [Draw(f"a{i}", "control", f"a photo of {i} dogs", i, "independent") for i in range(7)]


class SmallMemory:
    """Stands before a real UNet and raises as a full device does above a batch size."""

    def __init__(self, unet: Any, most: int, error: Exception) -> None:
        self.forward, self.most, self.error = unet.forward, most, error
        self.sizes: list[int] = []

    def __call__(self, sample: Any, *args: Any, **kwargs: Any) -> Any:
        size = len(sample) // 2  # guidance doubles the batch
        if not self.sizes or self.sizes[-1] != size:
            self.sizes.append(size)
        if size > self.most:
            raise self.error
        return self.forward(sample, *args, **kwargs)


def out_of_memory_errors() -> list[Exception]:
    import torch

    return [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("MPS backend out of memory (MPS allocated: 18.13 GB)"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
    ]


@pytest.mark.parametrize("which", range(3), ids=["cuda", "mps", "cpu"])
def test_out_of_memory_halves_the_batch_and_goes_on(
    open_tiny: OpenTiny,
    tiny_renderer: SdxlRenderer,
    monkeypatch: pytest.MonkeyPatch,
    which: int,
) -> None:
    renderer = open_tiny()
    unet = renderer.pipeline.unet
    memory = SmallMemory(unet, 2, out_of_memory_errors()[which])
    monkeypatch.setattr(unet, "forward", memory)

    pictures = renderer.draw(SEVEN_DRAWS)
    assert memory.sizes == [7, 3, 1]
    assert renderer.batch_size == 1
    whole = tiny_renderer.draw(SEVEN_DRAWS)
    assert np.abs(np.stack(pictures).astype(int) - np.stack(whole)).max() <= 1

    renderer.draw(SEVEN_DRAWS[:2])  # what was learned stays
    assert memory.sizes == [7, 3, 1]


def test_a_batch_of_eight_halves_twice_to_the_two_that_fit(
    open_tiny: OpenTiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = open_tiny()
    unet = renderer.pipeline.unet
    memory = SmallMemory(unet, 2, out_of_memory_errors()[0])
    monkeypatch.setattr(unet, "forward", memory)
    assert len(renderer.draw([*SEVEN_DRAWS, SEVEN_DRAWS[0]])) == 8
    assert memory.sizes == [8, 4, 2]
    assert renderer.batch_size == 2


def test_one_picture_that_does_not_fit_is_an_error_with_remedies(
    open_tiny: OpenTiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = open_tiny()
    unet = renderer.pipeline.unet
    monkeypatch.setattr(unet, "forward", SmallMemory(unet, 0, out_of_memory_errors()[0]))
    with pytest.raises(PermanentError, match=r"64 × 64 does not fit.*width_px.*dtype.*device"):
        renderer.draw(SEVEN_DRAWS)


def test_other_runtime_errors_are_not_taken_for_full_memory(
    open_tiny: OpenTiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = open_tiny()
    unet = renderer.pipeline.unet
    monkeypatch.setattr(unet, "forward", SmallMemory(unet, 0, RuntimeError("shapes differ")))
    with pytest.raises(RuntimeError, match="shapes differ"):
        renderer.draw(SEVEN_DRAWS)
    assert renderer.batch_size == 8


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "/no/such/folder"}, "no such folder"),
        ({"model": "no_such_folder"}, "no such folder"),
        ({"dtype": "float16"}, "needs a GPU.*bfloat16"),
        ({"device": "cuda:99"}, "cuda:99.*not there"),
        ({"device": "tpu"}, "none of auto, auto:<number>, cpu"),
        ({"lora": [{"path": "/no/such.safetensors"}]}, "does not exist"),
    ],
)
def test_what_cannot_be_used_is_refused_before_any_work(
    tiny_config: Config, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        open_renderer(tiny_config(**changes))


def test_a_closed_renderer_says_so(open_tiny: OpenTiny) -> None:
    renderer = open_tiny()
    renderer.draw(SEVEN_DRAWS[:1])
    renderer.close()
    renderer.close()
    with pytest.raises(PermanentError, match="closed"):
        renderer.draw(SEVEN_DRAWS[:1])


def test_no_draws_load_no_model(open_tiny: OpenTiny, monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = open_tiny()
    monkeypatch.setattr("pipeline.adapters.sdxl.renderer.load_pipeline", None)
    assert renderer.draw([]) == []
    assert renderer.fingerprint
    assert renderer.provenance["device"] == "cpu"


class Stop(Exception):
    """What a stopping run raises."""


@pytest.mark.parametrize("strategy", ["same_noise", "prompt_to_prompt"])
def test_a_batch_can_be_stopped_between_two_steps_and_drawn_anew(
    open_tiny: OpenTiny, strategy: str
) -> None:
    renderer = open_tiny(steps=4)
    guide = Guide("a red car on the street", "a red car on the street", CHANGE)
    edit = Draw("a0", "min0", "a blue car on the street", 11, strategy)
    if strategy == "prompt_to_prompt":
        edit = replace(edit, guide=guide, parameters=StrategyParameters(0.5, 0.5, 0.0))
    draws = [Draw("a0", "control", "a red car on the street", 11, "same_noise"), edit]
    whole = renderer.draw(draws)
    steps: list[int] = []

    def stop_at_the_second() -> None:
        steps.append(1)
        if len(steps) == 2:
            raise Stop

    with pytest.raises(Stop):
        renderer.draw(draws, between_steps=stop_at_the_second)
    assert len(steps) == 2
    assert (np.stack(renderer.draw(draws)) == np.stack(whole)).all()
    assert len(steps) == 2


def test_a_pictures_own_negative_prompt_changes_it_alone(
    open_tiny: OpenTiny, tiny_renderer: SdxlRenderer
) -> None:
    plain = tiny_renderer.draw(DRAWS)
    told = [DRAWS[0], replace(DRAWS[1], negative_prompt="red")]
    control, edit = tiny_renderer.draw(told)
    assert np.array_equal(control, plain[0])
    assert not np.array_equal(edit, plain[1])
    # It is the whole of what is kept out, and so the same as that prompt for all pictures.
    same = open_tiny(negative_prompt="red").draw(DRAWS)[1]
    assert np.abs(np.subtract(edit, same, dtype=int)).max() <= 1
