"""Every setting that changes the picture changes the fingerprint, and does what it says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.core.errors import ConfigError
from pipeline.core.ids import canonical_json
from pipeline.core.protocols import Draw

pytestmark = pytest.mark.integration

OpenTiny = Callable[..., SdxlRenderer]
DRAWS = [
    Draw("a0", "control", "a red car on the street", 11, "same_noise"),
    Draw("a0", "min0", "a blue car on the street", 11, "same_noise"),
]


def paint(renderer: SdxlRenderer) -> NDArray[np.uint8]:
    return np.stack(renderer.draw(DRAWS))


def test_a_lora_of_scale_0_changes_nothing_and_of_scale_1_changes_the_picture(
    open_tiny: OpenTiny, tiny_renderer: SdxlRenderer, lora_folder: Path
) -> None:
    plain = paint(tiny_renderer)
    off = open_tiny(lora=[{"path": str(lora_folder), "scale": 0.0}])
    file = lora_folder / "pytorch_lora_weights.safetensors"
    on = open_tiny(lora=[{"path": str(file), "scale": 1.0}])
    assert (paint(off) == plain).all()
    assert np.abs(paint(on).astype(int) - plain).mean() > 2
    assert len({r.fingerprint for r in (tiny_renderer, off, on)}) == 3
    assert str(file) in canonical_json(on.provenance)


def test_two_loras_add_up(open_tiny: OpenTiny, lora_folder: Path) -> None:
    half = {"path": str(lora_folder), "scale": 0.5}
    twice, once = open_tiny(lora=[half, half]), open_tiny(lora=[half | {"scale": 1.0}])
    assert np.abs(paint(twice).astype(int) - paint(once)).max() <= 1


def test_a_lora_that_does_not_fit_is_refused(
    open_tiny: OpenTiny, lora_folder: Path, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    tensors = load_file(lora_folder / "pytorch_lora_weights.safetensors")
    wrong = {
        "shape.safetensors": {k: torch.zeros(3, 3) for k in tensors},
        "layer.safetensors": {f"transformer.x{k}": v for k, v in tensors.items()},
        "none.safetensors": {"weight": torch.zeros(3)},
    }
    for name, content in wrong.items():
        save_file(content, tmp_path / name)
        with pytest.raises(ConfigError, match=name):
            open_tiny(lora=[{"path": str(tmp_path / name)}]).draw(DRAWS)
    with pytest.raises(ConfigError, match=r"holds 3 \.safetensors"):
        open_tiny(lora=[{"path": str(tmp_path)}])
    (tmp_path / "old.bin").write_bytes(b"pickle")
    with pytest.raises(ConfigError, match=r"no \.safetensors file"):
        open_tiny(lora=[{"path": str(tmp_path / "old.bin")}])


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


def test_no_negative_prompt_means_what_the_model_was_trained_with(
    open_tiny: OpenTiny, tiny_folder: Path
) -> None:
    from diffusers import StableDiffusionXLPipeline

    ours = paint(open_tiny())
    pipeline = StableDiffusionXLPipeline.from_pretrained(tiny_folder)
    pipeline.set_progress_bar_config(disable=True)
    import torch

    from pipeline.adapters.quiet import array_copy_allowed

    with array_copy_allowed():
        theirs = pipeline(
            [draw.prompt for draw in DRAWS],
            generator=[torch.Generator().manual_seed(draw.seed) for draw in DRAWS],
            num_inference_steps=4,
            guidance_scale=6.0,
            output_type="np",
        ).images
    assert np.abs(ours.astype(int) - (theirs * 255).round().astype(int)).max() <= 1


def test_any_size_that_the_model_can_draw(open_tiny: OpenTiny) -> None:
    assert paint(open_tiny(width_px=96, height_px=72)).shape == (2, 72, 96, 3)


def test_prompts_are_encoded_once_each(
    open_tiny: OpenTiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = open_tiny(batch_size=3)
    asked: list[list[str]] = []
    encode = renderer.pipeline.encode_prompt

    def watched(prompt: Any = None, **kwargs: Any) -> Any:
        if kwargs.get("prompt_embeds") is None:  # the pipeline passes ready ones through
            asked.append(prompt)
        return encode(prompt, **kwargs)

    monkeypatch.setattr(renderer.pipeline, "encode_prompt", watched)
    draws = [DRAWS[0], DRAWS[1], DRAWS[0], DRAWS[1], DRAWS[0]]
    renderer.draw(draws)
    renderer.draw(draws)
    # Always as many texts at once, so that a prompt's company changes nothing.
    assert asked == [[DRAWS[0].prompt, DRAWS[1].prompt] + [""] * 6, [""] * 8]


def test_the_fingerprint_follows_the_weights_and_not_where_they_lie(
    open_tiny: OpenTiny, tiny_folder: Path, tiny_renderer: SdxlRenderer, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(tiny_folder, moved)
    (moved / "README.md").write_text("notes")
    same = open_tiny(model=str(moved), batch_size=2)
    assert same.fingerprint == tiny_renderer.fingerprint

    weights = bytearray((moved / "unet" / "diffusion_pytorch_model.safetensors").read_bytes())
    weights[-1] ^= 1
    (moved / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(weights)
    assert open_tiny(model=str(moved)).fingerprint != tiny_renderer.fingerprint


def test_the_provenance_is_json_and_names_versions(tiny_renderer: SdxlRenderer) -> None:
    text = canonical_json(tiny_renderer.provenance)
    for word in ("diffusers", "torch", "steps", "dtype"):
        assert f'"{word}"' in text
