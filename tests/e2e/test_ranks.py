"""Several processes on one run: `accelerate launch` gives the bytes of a single process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app

LAUNCH = (
    *("-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"),
    *("--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"),
)
PICTURES = (
    *("--limit", "9", "--set", "source.shard_size=2", "--images", "sdxl"),
    *("--set", "images.model=builtin:tiny", "--set", "images.steps=1"),
    *("--set", "images.width_px=32", "--set", "images.height_px=32"),
    *("--set", "edits.max_minimal=2"),
)


def _environ(**more: str) -> dict[str, str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith(("COUNTERFACTORY_", "RANK"))}
    return {**own, "OMP_NUM_THREADS": "1", "COLUMNS": "200", **more}


def _run(*arguments: str) -> None:
    """The whole run, or what is left of it, in this process."""
    ran = CliRunner().invoke(app, ["run", "--quiet", "--no-report", *arguments])
    assert ran.exit_code == 0, ran.output[-3000:]


def _data(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock") and path.parent.name != "report"
    }


@pytest.mark.e2e
def test_two_processes_give_the_bytes_of_one(tmp_path: Path) -> None:
    _run(*PICTURES, "--output", str(tmp_path / "one"))
    command = [sys.executable, *LAUNCH, "-m", "counterfactory", "run", *PICTURES]
    ran = subprocess.run(
        [*command, "--output", str(tmp_path / "two")],
        capture_output=True,
        text=True,
        check=False,
        env=_environ(),
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert _data(tmp_path / "two") == _data(tmp_path / "one")
    assert "sets" in ran.stdout


@pytest.mark.e2e
def test_ranks_of_which_one_was_killed_are_resumed_by_any(tmp_path: Path) -> None:
    settings = ("--limit", "60", "--set", "source.shard_size=3")
    _run(*settings, "--output", str(tmp_path / "one"))
    root = tmp_path / "ranks"
    command = [sys.executable, "-m", "counterfactory", "run", *settings, "--output", str(root)]
    ranks = [
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=_environ(RANK=number, WORLD_SIZE="2", LOCAL_RANK=number),
        )
        for number in ("0", "1")
    ]
    while not (root / "captions" / "000001.jsonl").exists() and ranks[1].poll() is None:
        time.sleep(0.01)
    ranks[1].kill()
    said = [rank.communicate() for rank in ranks]
    assert ranks[0].returncode == 0, said[0][1]
    assert ranks[1].returncode == -signal.SIGKILL
    assert "process 0 of 2: its shards" in said[0][0]
    assert not (root / "manifest.json").exists()
    done = {int(path.stem) for path in (root / "shards").glob("*.json")}
    assert set(range(0, 20, 2)) <= done
    assert len(done) < 20
    _run(*settings, "--output", str(root))
    assert _data(root) == _data(tmp_path / "one")
    ids = [r["shard_id"] for r in json.loads((root / "manifest.json").read_text())["shards"]]
    assert ids == list(range(20))
