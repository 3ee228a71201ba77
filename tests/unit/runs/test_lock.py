"""Who may hold a run directory: one process alone, or the ranks of one launch."""

from __future__ import annotations

from pathlib import Path

import filelock
import pytest

from pipeline.core.errors import ConfigError
from pipeline.core.progress import Silent, Stopped
from pipeline.runs.lock import claimed, gate
from pipeline.runs.rank import ALONE, Rank
from pipeline.shards.layout import RunLayout


@pytest.fixture
def layout(tmp_path: Path) -> RunLayout:
    return RunLayout(tmp_path)


def _enter(layout: RunLayout, rank: Rank) -> None:
    with gate(layout, rank, Silent()), claimed(layout, rank):
        pass


def test_ranks_work_side_by_side_and_nobody_else(layout: RunLayout) -> None:
    with claimed(layout, Rank(0, 2, 0)):
        _enter(layout, Rank(1, 2, 1))
        for stranger in (ALONE, Rank(0, 2, 0), Rank(1, 3, 1)):
            with pytest.raises(ConfigError, match="another process is working"):
                _enter(layout, stranger)
    for free in (ALONE, Rank(0, 2, 0), Rank(1, 3, 1)):
        _enter(layout, free)


def test_a_process_that_works_alone_keeps_ranks_out(layout: RunLayout) -> None:
    with claimed(layout, ALONE), pytest.raises(ConfigError, match="another process is working"):
        _enter(layout, Rank(1, 2, 1))


def test_only_the_first_rank_tidies_up(layout: RunLayout) -> None:
    left = layout.root / ".000000.tar.1.partial"
    left.touch()
    with claimed(layout, Rank(0, 2, 0)):
        assert not left.exists()
        left.touch()  # now a living rank's
        _enter(layout, Rank(1, 2, 1))
        assert left.exists()


def test_who_waits_at_the_gate_can_be_stopped(layout: RunLayout) -> None:
    class Stopping(Silent):
        stopping = True

    with (
        filelock.FileLock(layout.root / ".lock-gate"),
        pytest.raises(Stopped),
        gate(layout, Rank(0, 2, 0), Stopping()),
    ):
        pass
