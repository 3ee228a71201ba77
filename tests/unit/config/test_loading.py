"""Flags win over the environment, that over the file; what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.base import flatten
from pipeline.config.loading import load_config
from pipeline.config.run import OPERATIONAL, RunConfig
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


def test_fingerprint_changes_with_the_product_only() -> None:
    base = RunConfig()
    faster = load_config({"images.batch_size": 2, "llm.concurrency": 3, "output": "x"}, environ={})
    other = load_config({"images.steps": 29}, environ={})
    assert faster.fingerprint == base.fingerprint
    assert other.fingerprint != base.fingerprint


def test_operational_keys_exist() -> None:
    assert set(flatten(RunConfig().model_dump(mode="json"))) >= OPERATIONAL


def test_no_key_holds_a_secret() -> None:
    keys = flatten(RunConfig().model_dump(mode="json"))
    assert not [key for key in keys if any(word in key for word in ("api_key", "secret", "token_"))]
