"""kill -9 anywhere, run again: the directory is byte-identical to an undisturbed run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

POINTS = 20


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    base = tmp_path_factory.mktemp("kills")
    driver = Path(__file__).with_name("kill_driver.py")
    overrides = {"images.renderer": "sdxl"}
    ran = subprocess.run(
        [sys.executable, str(driver), str(base), str(POINTS), json.dumps(overrides)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.mark.e2e
def test_the_undisturbed_run_is_complete(seen: dict[str, Any]) -> None:
    assert seen["status"] == 0
    assert {"manifest.json", "run.json", "shards/000000.tar"} <= set(seen["undisturbed"])
    assert seen["operations"] >= POINTS, "fewer operations than points: the points repeat"


@pytest.mark.e2e
def test_every_kill_was_a_kill_at_another_point(seen: dict[str, Any]) -> None:
    assert [run["signal"] for run in seen["killed"]] == [signal.SIGKILL] * POINTS
    assert len({run["die_at"] for run in seen["killed"]}) == POINTS


@pytest.mark.e2e
def test_nothing_half_written_has_a_final_name(seen: dict[str, Any]) -> None:
    """What a killed run left under a final name is what the undisturbed run has there."""
    final = {
        name
        for run in seen["killed"]
        for name in run["left"]
        if not Path(name).name.startswith(".")
    }
    assert final <= set(seen["undisturbed"])
    assert final, "no kill came late enough to leave anything"


@pytest.mark.e2e
def test_resumed_runs_are_byte_identical(seen: dict[str, Any]) -> None:
    for run in seen["killed"]:
        assert run["resumed"] == 0, f"killed at {run['die_at']}: the second run failed"
        assert run["files"] == seen["undisturbed"], f"killed at operation {run['die_at']}"
