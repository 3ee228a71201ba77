"""An interrupted executor leaves nothing running and nothing half-written."""

from __future__ import annotations

import _thread
from pathlib import Path

import pytest

from pipeline.config.loading import load_config
from pipeline.config.run import RunConfig
from pipeline.core.progress import Silent, Step
from pipeline.runs.run import run_config
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_receipt

pytestmark = pytest.mark.integration

SHARDS = 6


class Interrupting(Silent):
    """Presses Ctrl-C, as it reaches a program without handlers, when a shard is finished."""

    def advance(self, step: Step, amount: int, /) -> None:
        if step is Step.SHARDS:
            _thread.interrupt_main()


def config_of(root: Path) -> RunConfig:
    flags = {"source.limit": 4 * SHARDS, "source.shard_size": 4, "output": str(root)}
    return load_config(flags, environ={})


def files_of(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_an_interrupt_waits_for_what_runs_and_a_rerun_goes_on(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_config(config_of(tmp_path / "stopped"), {}, Interrupting())
    layout = RunLayout(tmp_path / "stopped")
    finished = [i for i in range(SHARDS) if read_receipt(layout, i) is not None]
    assert finished
    assert finished != list(range(SHARDS))
    assert not layout.manifest_json.exists()
    assert not list(layout.partial_files())

    assert run_config(config_of(tmp_path / "stopped"), {}).resumed_shards == len(finished)
    run_config(config_of(tmp_path / "whole"), {})
    assert files_of(tmp_path / "stopped") == files_of(tmp_path / "whole")
