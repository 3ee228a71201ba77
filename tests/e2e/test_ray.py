"""Two image actors of Ray, killed both, then one, then with their driver: the same bytes."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from pipeline.config.loading import load_config
from pipeline.runs.run import run_config
from pipeline.shards.layout import PARTIAL_SUFFIX, RunLayout
from tests.integration.adapters.ray_data.actors import actors_below

pytestmark = pytest.mark.e2e

SHARDS = 6
LOOK_S = 0.02


SETTINGS: dict[str, object] = {
    "source.limit": 8 * SHARDS,
    "source.shard_size": 8,
    "edits.max_minimal": 2,
    "images.renderer": "sdxl",
    "images.model": "builtin:tiny",
    "images.width_px": 32,
    "images.height_px": 32,
    "images.steps": 8,
    "images.guidance_scale": 1.0,
    "images.batch_size": 4,
}


def run_here(root: Path) -> None:
    """The whole run, or what is left of it, in this process."""
    run_config(load_config({**SETTINGS, "output": str(root)}, environ={}), {})


def digest(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock")
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the same run makes in one process."""
    root = tmp_path_factory.mktemp("undisturbed") / "run"
    run_here(root)
    return digest(root)


@contextmanager
def driver(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (root.parent / "log").open("wb") as log:
        settings = {**SETTINGS, "run.executor": "ray", "run.image_actors": 2, "output": root}
        words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        started = subprocess.Popen(
            [sys.executable, "-m", "counterfactory", "run", "--quiet", "--no-report", *words],
            stdout=log,
            stderr=log,
            # As many as here: another number may change pictures by float error.
            env={**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())},
        )
        try:
            yield started
        finally:
            started.kill()
            started.wait()


def lives(number: int) -> bool:
    """Whether a process is at work; one that nobody has waited for yet is not."""
    try:
        return Path(f"/proc/{number}/stat").read_text("ascii").rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Watch:
    """Sees who draws by the unfinished tars, whose names hold the process's number."""

    def __init__(self, root: Path, started: subprocess.Popen[bytes]) -> None:
        self.layout = RunLayout(root)
        self.started = started

    @property
    def finished(self) -> int:
        return sum(self.layout.receipt(number).exists() for number in range(SHARDS))

    def drawing(self) -> set[int]:
        found = self.layout.shards_dir.glob(f".*.tar.*{PARTIAL_SUFFIX}")
        numbers = {int(path.name.removesuffix(PARTIAL_SUFFIX).rpartition(".")[2]) for path in found}
        return {number for number in numbers if lives(number)}

    def actors(self) -> set[int]:
        return actors_below(self.started.pid)

    def wait(self, *, finished: int, actors: int = 1) -> set[int]:
        """Wait until so many shards are finished, one is being drawn, and so many actors live.

        Gives who draws.
        """
        while self.started.poll() is None:
            found = self.drawing()
            if self.finished >= finished and found and len(self.actors()) >= actors:
                return found
            time.sleep(LOOK_S)
        log = (self.layout.root.parent / "log").read_text("utf-8")
        raise AssertionError(f"it ended with {self.finished} shards finished: {log[-3000:]}")


def test_actors_that_die_cost_a_second_try_and_a_killed_driver_takes_them_with_it(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    root = tmp_path / "run"
    with driver(root) as started:
        watch = Watch(root, started)
        watch.wait(finished=0, actors=2)
        for number in watch.actors():
            os.kill(number, signal.SIGKILL)
        one = min(watch.wait(finished=2))
        assert watch.finished < SHARDS
        os.kill(one, signal.SIGKILL)
        while lives(one):
            time.sleep(LOOK_S)
        actors = watch.wait(finished=3)
        started.kill()
        started.wait()
    kept = watch.finished
    assert 0 < kept < SHARDS
    while any(lives(number) for number in actors):
        time.sleep(LOOK_S)
    run_here(root)
    assert digest(root) == undisturbed
    assert len(undisturbed) > 3 * SHARDS
