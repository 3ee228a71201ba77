"""What it costs to call a run again that is finished, and what is refused all the same."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError
from pipeline.edits.parse.spacy_pipeline import Parser, installed_pipeline, load_pipeline
from pipeline.runs.run import run_config

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]

AGAIN = """
import json, os, sys
from pipeline.config.run import RunConfig
from pipeline.runs.run import run_config
outcome = run_config(RunConfig.model_validate_json(sys.argv[1]), os.environ)
heavy = ("spacy", "transformers", "diffusers", "lemminflect")
print(json.dumps([outcome.resumed_shards, [name for name in heavy if name in sys.modules]]))
"""

PICTURES = {
    "renderer": "sdxl",
    "model": "builtin:tiny",
    "steps": 2,
    "width_px": 64,
    "height_px": 64,
    "device": "cpu",
}


def config_of(output: Path, **sections: object) -> RunConfig:
    source = {"limit": 8, "shard_size": 4}
    return RunConfig.model_validate({"output": str(output), "source": source, **sections})


@pytest.fixture(scope="module")
def pipeline_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the installed spaCy pipeline, to change."""
    folder = tmp_path_factory.mktemp("spacy") / "copy"
    shutil.copytree(load_pipeline("auto").path, folder)
    return folder


@pytest.mark.parametrize("sections", [{}, {"images": PICTURES}], ids=["captions", "pictures"])
def test_a_finished_run_loads_no_model(tmp_path: Path, sections: dict[str, object]) -> None:
    config = config_of(tmp_path / "run", **sections)
    outcome = run_config(config, {})
    assert outcome.manifest is not None
    assert outcome.manifest.counts.samples > 0
    before = {path: path.read_bytes() for path in outcome.job.layout.tars()}
    assert len(before) == 2
    again = subprocess.run(
        [sys.executable, "-c", AGAIN, config.model_dump_json()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(again.stdout.splitlines()[-1]) == [2, []]
    assert {path: path.read_bytes() for path in outcome.job.layout.tars()} == before


def test_a_new_run_without_a_pipeline_is_refused_before_anything_is_written(
    tmp_path: Path, pipeline_folder: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(pipeline_folder, broken)
    (broken / "parser" / "model").unlink()
    for model, message in (("no_such_pipeline", "installed"), (str(broken), "installed")):
        with pytest.raises(ConfigError, match=message):
            run_config(config_of(tmp_path / "run", edits={"spacy_model": model}), {})
        assert not (tmp_path / "run").exists()


def test_a_finished_run_is_refused_with_another_version_of_the_pipeline(
    tmp_path: Path, pipeline_folder: Path
) -> None:
    folder = tmp_path / "pipeline"
    shutil.copytree(pipeline_folder, folder)
    config = config_of(tmp_path / "run", edits={"spacy_model": str(folder)})
    run_config(config, {})
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    (folder / "meta.json").write_text(json.dumps(meta | {"version": "0.0.1"}), "utf-8")
    with pytest.raises(ConfigError, match="edits: the rules, prompts or models"):
        run_config(config, {})


def test_the_name_is_known_without_loading_and_is_the_loaded_ones(pipeline_folder: Path) -> None:
    package = load_pipeline("auto").meta
    named = f"{package['lang']}_{package['name']}-{package['version']}"
    parser = Parser("auto")
    assert parser.fingerprint == named
    assert "nlp" not in vars(parser)
    assert installed_pipeline(str(pipeline_folder)) == named
    assert installed_pipeline("no_such_pipeline") is None
    with pytest.raises(ConfigError, match="installed"):
        _ = Parser("no_such_pipeline").fingerprint
