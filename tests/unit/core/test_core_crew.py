"""Several processes on one run: every shard is exactly one process's, and so is every GPU."""

from __future__ import annotations

from pathlib import Path

import filelock
import pytest

from pipeline.core.errors import ConfigError
from pipeline.core.progress import Silent, Stopped
from pipeline.runs.lock import claimed, gate
from pipeline.runs.rank import ALONE, Place, read_place
from pipeline.shards.layout import RunLayout


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_every_shard_is_exactly_one_process_s(size: int) -> None:
    places = [Place(rank, size, rank) for rank in range(size)]
    assert all(sum(place.takes(shard) for place in places) == 1 for shard in range(50))


def test_without_a_launcher_a_process_is_alone() -> None:
    assert read_place({}) == ALONE
    assert read_place({"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0"}) == ALONE
    assert read_place({"WORLD_SIZE": "8"}) == ALONE


def test_a_launcher_is_believed() -> None:
    said = {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_RANK": "1"}
    assert read_place(said) == Place(5, 8, 1)


@pytest.mark.parametrize(
    "said",
    [
        {"RANK": "2", "WORLD_SIZE": "2", "LOCAL_RANK": "0"},
        {"RANK": "x", "WORLD_SIZE": "2", "LOCAL_RANK": "0"},
        {"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "1"},
    ],
)
def test_nonsense_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=f"RANK={said['RANK']}"):
        read_place(said)


def test_each_process_gets_a_gpu_of_its_own() -> None:
    place = Place(5, 8, 1)
    assert place.device("auto") == "auto:1"
    assert place.device("cuda") == "cuda:1"
    assert place.device("cpu") == "cpu"
    assert ALONE.device("cuda:3") == "cuda:3"
    with pytest.raises(ConfigError, match="shared by 8 processes"):
        place.device("cuda:3")


@pytest.fixture
def layout(tmp_path: Path) -> RunLayout:
    return RunLayout(tmp_path)


def _enter(layout: RunLayout, place: Place) -> None:
    with gate(layout, place, Silent()), claimed(layout, place):
        pass


def test_a_crew_works_side_by_side_and_nobody_else(layout: RunLayout) -> None:
    with claimed(layout, Place(0, 2, 0)):
        _enter(layout, Place(1, 2, 1))
        for stranger in (ALONE, Place(0, 2, 0), Place(1, 3, 1)):
            with pytest.raises(ConfigError, match="another process is working"):
                _enter(layout, stranger)
    for free in (ALONE, Place(0, 2, 0), Place(1, 3, 1)):
        _enter(layout, free)


def test_a_process_that_works_alone_keeps_a_crew_out(layout: RunLayout) -> None:
    with claimed(layout, ALONE), pytest.raises(ConfigError, match="another process is working"):
        _enter(layout, Place(1, 2, 1))


def test_only_the_first_of_a_crew_tidies_up(layout: RunLayout) -> None:
    left = layout.root / ".000000.tar.1.partial"
    left.touch()
    with claimed(layout, Place(0, 2, 0)):
        assert not left.exists()
        left.touch()  # now a living member's
        _enter(layout, Place(1, 2, 1))
        assert left.exists()


def test_who_waits_at_the_gate_can_be_stopped(layout: RunLayout) -> None:
    class Stopping(Silent):
        stopping = True

    with (
        filelock.FileLock(layout.root / ".lock-gate"),
        pytest.raises(Stopped),
        gate(layout, Place(0, 2, 0), Stopping()),
    ):
        pass
