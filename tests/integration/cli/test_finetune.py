"""`counterfactory finetune`: flags mean their settings; what is said at the end can be typed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console
from typer.testing import CliRunner

from pipeline.adapters.sdxl.tiny import NATIVE_SIZE_PX
from pipeline.cli.app import app
from pipeline.cli.finetune import print_outcome, print_plan
from pipeline.core.errors import ConfigError
from pipeline.training.sdxl.cache import CacheCounts
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.outcome import FinetuneOutcome
from pipeline.training.sdxl.run import FinetunePlan
from tests.integration.adapters.sdxl.tiny_sdxl import one_thread

pytestmark = pytest.mark.integration

__all__ = ["one_thread"]


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """Two steps on two pictures."""
    rows = []
    for name, colour in (("red", (200, 0, 0)), ("blue", (0, 0, 200))):
        Image.new("RGB", (80, 64), colour).save(tmp_path / f"{name}.png")
        rows.append(json.dumps({"caption": f"a {name} wall", "picture": f"{name}.png"}))
    (tmp_path / "rows.jsonl").write_text("\n".join(rows), "utf-8")
    (tmp_path / "finetune.toml").write_text(
        f'device = "cpu"\n[source]\nimage_column = "picture"\n[train]\nsteps = 9\n'
        f"[pictures]\nwidth_px = {NATIVE_SIZE_PX}\nheight_px = {NATIVE_SIZE_PX}\n"
        "[validation]\nevery = 0\n",
        "utf-8",
    )
    return [
        *("finetune", "--source", "tabular", "--input", str(tmp_path / "rows.jsonl")),
        *("--steps", "2", "--model", "builtin:tiny", "--output", str(tmp_path / "tuned")),
        *("--config", str(tmp_path / "finetune.toml"), "--set", "lora.rank=2"),
        *("--set", "train.ema_decay=null", "--quiet"),
    ]


def test_it_plans_trains_and_goes_on_where_it_was(command: list[str], tmp_path: Path) -> None:
    planned = CliRunner().invoke(app, [*command, "--dry-run"])
    assert planned.exit_code == 0, planned.output
    lines = dict(line.split("  ", 1) for line in planned.stdout.splitlines() if "  " in line)
    assert lines["pictures"].strip() == "2"
    assert lines["steps"].strip() == "2", "a flag wins over the file"
    assert not (tmp_path / "tuned").exists()
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    weights = tmp_path / "tuned" / "pytorch_lora_weights.safetensors"
    assert f"written:      {weights}" in done.stdout
    assert "--set images.model=builtin:tiny --set images.lora=" in done.stdout
    assert not list((tmp_path / "tuned").rglob("average.safetensors")), "null turns it off"
    again = CliRunner().invoke(app, command)
    assert "went on from step 2" in again.stdout


def test_a_setting_that_is_not_there_is_named(command: list[str]) -> None:
    done = CliRunner().invoke(app, [*command, "--set", "lora.rnak=3"])
    assert isinstance(done.exception, ConfigError)
    assert "lora.rnak" in str(done.exception)


def test_a_plan_is_in_units_a_person_reads() -> None:
    console = Console(width=100, record=True)
    plan = FinetunePlan(1000, 2000, 500, 12_000_000, 300, 5000, 48_000_000, 1_500_000_000)
    print_plan(console, FinetuneConfig(), plan)
    text = " ".join(console.export_text().split())
    assert "examples (crops) 2,000, 500 of them encoded already" in text
    assert "5,000 (2.5 passes)" in text
    assert "12,000,000 (lora)" in text
    assert "one checkpoint 48.0 MB cache at most 1.5 GB" in text


def test_the_first_and_the_last_losses_are_compared() -> None:
    outcome = FinetuneOutcome(
        Path("w.safetensors"), 40, 20, 9, 9, (0.5, 0.5, *[9.0] * 16, 0.25, 0.25),
        CacheCounts(texts_cut=3), Path("grid.png"),
    )  # fmt: skip
    console = Console(width=200, record=True)
    print_outcome(console, FinetuneConfig(), outcome)
    text = console.export_text()
    assert text.startswith("went on from step 20\n")
    assert "mean loss of the first 2 steps 0.5000, of the last 2 0.2500" in text
    assert "3 captions are over 77 tokens and were cut" in text
    assert "look at it:   grid.png" in text
    console = Console(width=200, record=True)
    print_outcome(
        console,
        FinetuneConfig(),
        replace(outcome, resumed_from=0, losses=(), grid=None, cache=CacheCounts()),
    )
    assert console.export_text().startswith("written:      w.safetensors\n")
