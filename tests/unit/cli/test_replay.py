"""What `replay` prints of a picture that came out the same, and of one that did not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import replay as module
from pipeline.cli.app import app
from pipeline.cli.replay import describe
from pipeline.core.draws import Draw
from pipeline.core.errors import ConfigError
from pipeline.core.strategies import StrategyParameters
from pipeline.tools.replay import Replay

DRAW = Draw(
    "k", "min0", "a blue car", 7, "prompt_to_prompt", parameters=StrategyParameters(0.4, 0.8)
)
SAME = Replay("k", "min0.jpg", DRAW, b"jpeg", b"jpeg", 0, 0.0, ("torch was 2.1, is 2.2",))


def test_the_same_bytes_need_no_excuse() -> None:
    lines = describe(SAME)
    assert lines[0] == "k min0.jpg: 'a blue car'"
    assert lines[1].startswith("  prompt_to_prompt seed=7 ")
    assert "=0.4" in lines[1]
    checksum = hashlib.sha256(b"jpeg").hexdigest()
    assert lines[2:4] == [f"  stored  sha256 {checksum}", f"  redrawn sha256 {checksum}"]
    assert lines[4:] == ["same bytes"]


def test_a_difference_is_measured_and_what_may_explain_it_is_told() -> None:
    lines = describe(replace(SAME, drawn=b"other", changed_pixels=0.125, largest_difference=9))
    assert lines[-2] == "different: 12.50% of the pixels, by at most 9 of 255 levels"
    assert lines[-1] == "  note: torch was 2.1, is 2.2"
    assert lines[2].split()[-1] != lines[3].split()[-1]


@pytest.mark.parametrize(("drawn", "status"), [(b"jpeg", 0), (b"other", 1)])
def test_the_status_tells_whether_it_is_the_same(
    drawn: bytes, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drawing itself is tested on real runs; here, what the command makes of it."""
    found = replace(SAME, drawn=drawn)
    monkeypatch.setattr("pipeline.tools.replay.replay", lambda *_, **__: found)
    target = tmp_path / "again.jpg"
    done = CliRunner().invoke(app, ["replay", "run", "k", "min0.jpg", "--output", str(target)])
    assert done.exit_code == status, done.output
    assert target.read_bytes() == drawn
    assert module.describe(found)[-1].strip() in done.stdout


def test_a_folder_that_is_no_run_is_an_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["replay", str(tmp_path), "k", "min0.jpg"])
    assert isinstance(done.exception, ConfigError)
    assert "it has no run.json" in str(done.exception)
