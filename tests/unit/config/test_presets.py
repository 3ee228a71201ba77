"""Presets fill what is left open, yield to what the user set, and refuse what contradicts."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.images import ImagesConfig
from pipeline.config.loading import load_config
from pipeline.config.presets import NATIVE_SIZE_PX, native_size_px
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError

TURBO = {"images.preset": "draft", "images.distilled": "turbo", "images.model": "stabilityai/turbo"}


def images(environ: dict[str, str] | None = None, **flags: Any) -> ImagesConfig:
    flat = {f"images.{key}": value for key, value in flags.items()}
    return load_config(flat, environ=environ or {}).images


def test_quality_is_25_guided_steps() -> None:
    found = images(preset="quality")
    assert (found.scheduler, found.steps, found.guidance_scale) == ("dpmpp_2m", 25, 6.0)


@pytest.mark.parametrize(
    ("family", "scheduler", "spacing", "size_px"),
    [
        ("turbo", "euler_a", "trailing", 512),
        ("lightning", "euler", "trailing", 1024),
        ("lcm", "lcm", "default", 1024),
        ("dmd2", "lcm", "default", 1024),
    ],
)
def test_draft_is_4_unguided_steps_as_its_makers_say(
    family: str, scheduler: str, spacing: str, size_px: int
) -> None:
    found = images(preset="draft", distilled=family, model="some/folder")
    assert (found.steps, found.guidance_scale) == (4, 0.0)
    assert (found.scheduler, found.timestep_spacing) == (scheduler, spacing)
    assert (found.width_px, found.height_px) == (size_px, size_px)


def test_what_the_user_set_stays_wherever_it_was_set() -> None:
    found = images(
        {"COUNTERFACTORY_IMAGES__STEPS": "2", "COUNTERFACTORY_IMAGES__PRESET": "draft"},
        distilled="turbo",
        model="some/folder",
        width_px=768,
    )
    assert (found.steps, found.width_px, found.height_px) == (2, 768, 512)
    assert images(preset="quality", steps=30, guidance_scale=5).steps == 30


def test_a_lora_file_counts_as_distilled_weights() -> None:
    assert images(preset="draft", distilled="lcm", lora=[{"path": "lcm.safetensors"}]).steps == 4


def test_the_resolved_values_are_recorded_and_read_back_the_same() -> None:
    config = load_config(TURBO, environ={})
    assert config.product()["images.steps"] == 4
    assert config.product()["images.timestep_spacing"] == "trailing"
    again = RunConfig.model_validate(config.model_dump(mode="json"))
    assert again.fingerprint == config.fingerprint


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"preset": "draft"}, "needs images.distilled"),
        ({"preset": "draft", "distilled": "turbo"}, "name them as images.model"),
        ({"distilled": "turbo", "model": "m"}, "set images.preset to draft"),
        ({"preset": "quality", "distilled": "lcm"}, "is for preset draft, not quality"),
        ({"preset": "quality", "steps": 8}, "steps 8 contradicts the preset"),
        ({"preset": "quality", "guidance_scale": 1}, "guidance_scale 1.0 contradicts"),
        ({"preset": "quality", "scheduler": "lcm"}, "scheduler lcm contradicts"),
        (
            {"preset": "draft", "distilled": "turbo", "model": "m", "guidance_scale": 6},
            "guidance_scale 6.0 contradicts",
        ),
        (
            {"preset": "draft", "distilled": "turbo", "model": "m", "steps": 25},
            "distilled for 1 to 4 steps",
        ),
        (
            {"preset": "draft", "distilled": "lightning", "model": "m", "scheduler": "ddim"},
            "scheduler ddim contradicts",
        ),
        ({"preset": "draft", "distilled": "lightning", "model": "m", "steps": 3}, "steps 3"),
        (
            {"preset": "draft", "distilled": "dmd2", "model": "m", "negative_prompt": "blur"},
            "negative_prompt does nothing",
        ),
        ({"preset": "daft"}, "draft"),
        ({"preset": "draft", "distilled": "hyper"}, "turbo"),
    ],
)
def test_contradictions_are_explained(flags: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        images(**flags)


@pytest.mark.parametrize(
    ("model", "size_px"),
    [
        ("builtin:tiny", 64),
        ("builtin:world", 128),
        ("stabilityai/sdxl-turbo", 512),
        ("stabilityai/stable-diffusion-xl-base-1.0", 1024),
        ("/no/such/folder", 1024),
    ],
)
def test_a_model_draws_at_its_own_size_unless_another_is_given(model: str, size_px: int) -> None:
    own = images(model=model)
    assert (own.width_px, own.height_px) == (size_px, size_px)
    wide = images(model=model, width_px=256)
    assert (wide.width_px, wide.height_px) == (256, size_px)


def test_the_size_of_a_folder_is_read_from_it_and_named_sizes_are_those_of_the_weights(
    tmp_path: Path,
) -> None:
    packaged = Path(str(files("pipeline"))) / "models" / "world_sdxl"
    assert native_size_px(str(packaged)) == NATIVE_SIZE_PX["builtin:world"]
    (tmp_path / "unet").mkdir()
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "config.json").write_text('{"block_out_channels": [1, 2, 4, 4]}')
    for text, size_px in (
        ('{"sample_size": 96}', 768),
        ('{"sample_size": [96, 96]}', 1024),
        ("{}", 1024),
        ("{", 1024),
    ):
        (tmp_path / "unet" / "config.json").write_text(text)
        assert images(model=str(tmp_path)).width_px == size_px


def test_where_a_size_is_given_the_fingerprint_is_as_it_was() -> None:
    flags = {"model": "builtin:tiny", "width_px": 1024, "height_px": 1024}
    keyed = {f"images.{key}": value for key, value in flags.items()}
    config = load_config(keyed, environ={})
    assert config.product()["images.width_px"] == 1024
    assert config == RunConfig.model_validate(config.model_dump())
