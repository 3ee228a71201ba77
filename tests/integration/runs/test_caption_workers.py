"""Captions written by several processes: what a killed one costs."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from pipeline.config.loading import load_config
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.progress import Silent, Step
from pipeline.runs.run import run_config
from pipeline.shards.layout import RunLayout

pytestmark = pytest.mark.integration


class Killing(Silent):
    """Kills a worker when the first shard's captions are written."""

    rows = 0

    def advance(self, step: Step, amount: int, /) -> None:
        if step is not Step.ANCHORS:
            return
        if not self.rows:
            for worker in multiprocessing.active_children():
                worker.kill()
        self.rows += amount


def test_a_killed_worker_is_one_error_and_what_is_finished_stays(tmp_path: Path) -> None:
    flags = {"source.limit": 60, "source.shard_size": 6, "workers": 2, "output": str(tmp_path)}
    config = load_config(flags, environ={})
    watching = Killing()
    with pytest.raises(PermanentError, match="was killed.*fewer --set workers"):
        run_config(config, {}, watching)
    assert 0 < watching.rows < 60
    assert not RunLayout(tmp_path).manifest_json.exists()
    assert run_config(config, {}).manifest is not None


def test_workers_are_refused_beside_a_language_model(tmp_path: Path) -> None:
    flags = {"workers": 2, "llm.provider": "local", "output": str(tmp_path / "run")}
    with pytest.raises(ConfigError, match=r"raise llm\.concurrency"):
        run_config(load_config(flags, environ={}), {})
    assert not (tmp_path / "run").exists()
