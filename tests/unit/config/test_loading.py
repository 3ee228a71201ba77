"""Flags win over the environment, that over the file; what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.loading import load_config, nest
from pipeline.core.errors import ConfigError


def test_precedence(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text("seed = 1\n[images]\nsteps = 1\nwidth_px = 512\nheight_px = 512\n")
    environ = {"COUNTERFACTORY_IMAGES__STEPS": "2", "COUNTERFACTORY_IMAGES__WIDTH_PX": "640"}
    config = load_config({"images.width_px": 768}, environ=environ, file=file)
    assert (config.seed, config.images.steps) == (1, 2)
    assert (config.images.width_px, config.images.height_px) == (768, 512)


def test_lists_come_as_json() -> None:
    environ = {"COUNTERFACTORY_EDITS__KINDS": '["attribute", "count"]'}
    assert [str(k) for k in load_config({}, environ=environ).edits.kinds] == ["attribute", "count"]


@pytest.mark.parametrize(
    ("flags", "environ", "named"),
    [
        ({"images.stepz": 3}, {}, "images.stepz"),
        ({"images.steps": 0}, {}, "images.steps"),
        ({"images.width_px": 1001}, {}, "images.width_px"),
        ({"source.kind": "sql"}, {}, "source.kind"),
        ({}, {"COUNTERFACTORY_IMAGES__STEPZ": "3"}, "COUNTERFACTORY_IMAGES__STEPZ"),
        ({"edits.max_minimal": 0, "edits.max_full": 0}, {}, "nothing to make"),
    ],
)
def test_faults_are_named(flags: dict[str, object], environ: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load_config(flags, environ=environ)


@pytest.mark.parametrize("text", [b"seed = ", b"\xff\xfe", b"seed = 1\nseed = 2"])
def test_a_broken_file_is_named(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "broken.toml"
    file.write_bytes(text)
    with pytest.raises(ConfigError, match=r"broken\.toml"):
        load_config({}, environ={}, file=file)
    with pytest.raises(ConfigError, match="does not exist"):
        load_config({}, environ={}, file=tmp_path / "missing.toml")


@pytest.mark.parametrize("output", ["s3://key:hidden@bucket/x", "s3:/key:hidden@bucket/x"])
def test_credentials_of_a_store_are_not_repeated(output: str) -> None:
    with pytest.raises(ConfigError, match="environment") as told:
        load_config({"output": output}, environ={})
    assert "hidden" not in str(told.value)


def test_a_near_miss_is_named() -> None:
    with pytest.raises(ConfigError, match=r"did you mean images\.steps"):
        load_config({"images.stepz": "3"}, environ={})


def test_a_bare_word_for_a_list_is_explained() -> None:
    with pytest.raises(ConfigError, match=r"list in JSON"):
        load_config({"edits.kinds": "count"}, environ={})


@pytest.mark.parametrize(
    "flat", [{"seed": "1", "seed.x": "3"}, {"images.steps": "3", "images": {"width_px": 64}}]
)
def test_a_value_and_a_section_of_one_name_clash(flat: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        nest(flat)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("image.steps", "images.steps"),
        ("images.step", "images.steps"),
        ("images.Steps", "images.steps"),
        ("steps", "images.steps"),
        ("render.guidance_scale", "images.guidance_scale"),
        ("image.vea", "images.vae"),
        ("source.caption_colum", "source.caption_column"),
        ("sed", "seed"),
        ("llms.model", "llm.model"),
        ("model.resolution_of_the_moon", ""),
        ("zebra", ""),
    ],
)
def test_a_wrong_name_leads_to_the_setting_that_was_meant(given: str, meant: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config({given: "20"}, environ={})
    told = str(caught.value)
    assert "there is no such setting" in told
    assert (f"did you mean {meant}?" in told) if meant else ("did you mean" not in told)


def test_a_variable_of_the_environment_leads_there_too() -> None:
    with pytest.raises(ConfigError, match=r"did you mean images\.steps\?"):
        load_config({}, environ={"COUNTERFACTORY_IMAGE__STEPS": "20"})
