"""`inspect`, `verify` and `doctor`: what they print, and what status they end with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.core.errors import ConfigError
from pipeline.shards.layout import RunLayout
from pipeline.tools import doctor
from tests.unit.shards.shard_records import store_run


@pytest.fixture
def layout(tmp_path: Path) -> RunLayout:
    layout = RunLayout(tmp_path / "run")
    store_run(layout)
    return layout


def test_inspect_counts_a_run_and_draws_the_sets_asked_for(layout: RunLayout) -> None:
    sheet = layout.root.parent / "sheet.png"
    arguments = ["inspect", str(layout.root), "--sheet", str(sheet), "--rows", "2", "--start", "1"]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    assert "6 sets, " in shown.stdout
    assert f"contact sheet of 2 sets: {sheet}" in shown.stdout
    assert sheet.read_bytes().startswith(b"\x89PNG")


def test_verify_ends_well_or_names_every_fault(layout: RunLayout) -> None:
    sound = CliRunner().invoke(app, ["verify", str(layout.root)])
    assert sound.exit_code == 0
    assert "is complete and sound" in " ".join(sound.stdout.split())
    layout.tar(1).write_bytes(layout.tar(1).read_bytes()[:-1])
    broken = CliRunner().invoke(app, ["verify", str(layout.root)])
    assert broken.exit_code == 1
    assert "fault" in broken.stdout
    assert "000001.tar" in broken.stdout
    assert f"1 fault in {layout.root}" in broken.stdout.replace("\n", "")


def test_verify_needs_a_run(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["verify", str(tmp_path)])
    assert isinstance(found.exception, ConfigError)
    assert "it has no run.json" in str(found.exception)


def test_doctor_ends_with_1_where_something_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "CONNECT_TIMEOUT_S", 0.001)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    fine = CliRunner().invoke(app, ["doctor", "--output", str(tmp_path / "runs")])
    assert fine.exit_code == 0, fine.output
    assert "very-secret" not in fine.output
    monkeypatch.setattr(os, "access", lambda *_: False)
    broken = CliRunner().invoke(app, ["doctor", "--output", str(tmp_path / "runs")])
    assert broken.exit_code == 1
    assert "cannot be written" in " ".join(broken.stdout.split())
