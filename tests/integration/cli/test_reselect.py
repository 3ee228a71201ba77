"""`counterfactory refilter` makes a new run of a run's candidates, by its flags."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.config.loading import build_config
from pipeline.core.errors import ConfigError
from pipeline.core.progress import Silent
from pipeline.runs.run import run_config
from pipeline.shards.layout import RunLayout
from pipeline.shards.verify import verify_run
from tests.integration.adapters.sdxl.tiny_sdxl import one_thread

pytestmark = pytest.mark.integration

__all__ = ["one_thread"]


def make_run(folder: Path, *, keeps: bool) -> Path:
    images = {
        "renderer": "sdxl", "model": "builtin:tiny", "steps": 1, "width_px": 64, "height_px": 64,
        "device": "cpu", "candidates": 2, "keep_candidates": keeps,
    }  # fmt: skip
    tree = {"output": str(folder), "source": {"limit": 4}, "images": images,
            "checks": {"wordnet": "off"}}  # fmt: skip
    run_config(build_config(tree), {}, Silent())
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("runs") / "run", keeps=True)


def test_every_flag_is_a_setting_of_the_new_run(finished: Path, tmp_path: Path) -> None:
    bands = tmp_path / "bands.toml"
    bands.write_text("[default]\ncontrast = [0.001, inf]\n", "utf-8")
    new = tmp_path / "new"
    done = CliRunner().invoke(
        app,
        [
            *("refilter", str(finished), "--output", str(new), "--bands", str(bands), "--quiet"),
            *("--rank", "detail", "--min-kept", "0", "--min-hash-distance", "1"),
        ],
    )
    assert done.exit_code == 0, done.output
    assert verify_run(RunLayout(new)) == []
    config = json.loads((new / "run.json").read_text("utf-8"))["config"]
    assert config["selection.bands"] == {"default": {"contrast": [0.001, None]}}
    chosen = {key: config[f"selection.{key}"] for key in ("rank", "min_kept", "min_hash_distance")}
    assert chosen == {"rank": "detail", "min_kept": 0, "min_hash_distance": 1}
    assert f"images in {new}" in done.stdout


def test_a_flag_that_is_not_given_leaves_the_runs_own_setting(
    finished: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    done = CliRunner().invoke(app, ["refilter", str(finished), "--output", str(new), "--quiet"])
    assert done.exit_code == 0, done.output
    before, after = (
        json.loads((run / "run.json").read_text("utf-8"))["config"] for run in (finished, new)
    )
    assert after == before


def test_a_run_without_candidates_is_told_how_to_keep_them(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", keeps=False)
    done = CliRunner().invoke(app, ["refilter", str(run), "--output", str(tmp_path / "new")])
    assert isinstance(done.exception, ConfigError)
    assert "--set images.keep_candidates=true" in str(done.exception)
    assert not (tmp_path / "new").exists()
