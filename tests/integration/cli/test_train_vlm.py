"""`counterfactory train-vlm`: flags mean their settings; what is said at the end is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from transformers import AutoModel
from typer.testing import CliRunner

from pipeline.cli.app import app
from tests.integration.report.scored_run import Wanted, write_scored_run

pytestmark = pytest.mark.integration


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """Two steps on 60 sets, of which some are held out."""
    run = write_scored_run(tmp_path / "run", Wanted(sets=60, control_least=-1.0)).root
    (tmp_path / "vlm.toml").write_text('device = "cpu"\n[train]\nsteps = 9\nbatch_size = 4\n')
    return [
        *("train-vlm", str(run), "--model", "builtin:world", "--objective", "neg_clip"),
        *("--steps", "2", "--output", str(tmp_path / "out"), "--quiet"),
        *("--config", str(tmp_path / "vlm.toml"), "--set", "train.warmup_steps=1"),
    ]


def test_it_trains_says_what_changed_and_goes_on(command: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    shown = " ".join(done.stdout.split())
    assert re.search(r"kind held-out edits before after \w+ \d+ \d\.\d\d \d\.\d\d", shown), shown
    assert f"written: {tmp_path / 'out' / 'model'} (weights of step " in shown
    AutoModel.from_pretrained(tmp_path / "out" / "model")
    again = CliRunner().invoke(app, command)
    assert again.exit_code == 0, again.output
    assert "went on from step 2" in again.stdout
    other = CliRunner().invoke(app, [*command, "--objective", "cf_vlm"])
    assert "trained otherwise" in str(other.exception)


def test_a_run_that_holds_out_nothing_is_told_so(command: list[str]) -> None:
    done = CliRunner().invoke(app, [*command, "--set", "validation.every=0"])
    assert done.exit_code == 0, done.output
    assert "nothing says whether they are better" in " ".join(done.stdout.split())


def test_it_says_what_it_needs(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["train-vlm", "--output", str(tmp_path), "--quiet"])
    assert "name what to learn from" in str(done.exception)
