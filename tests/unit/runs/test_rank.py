"""Several ranks on one run: every shard is exactly one's, and so is every GPU."""

from __future__ import annotations

import pytest

from pipeline.core.errors import ConfigError
from pipeline.runs.rank import ALONE, Rank, read_rank


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_every_shard_is_exactly_one_process_s(size: int) -> None:
    ranks = [Rank(number, size, number) for number in range(size)]
    assert all(sum(rank.takes(shard) for rank in ranks) == 1 for shard in range(50))


def test_without_a_launcher_a_process_is_alone() -> None:
    assert read_rank({}) == ALONE
    assert read_rank({"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0"}) == ALONE
    assert read_rank({"WORLD_SIZE": "8"}) == ALONE


def test_a_launcher_is_believed() -> None:
    said = {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_RANK": "1"}
    assert read_rank(said) == Rank(5, 8, 1)


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
        read_rank(said)


def test_each_process_gets_a_gpu_of_its_own() -> None:
    rank = Rank(5, 8, 1)
    assert rank.device("auto") == "auto:1"
    assert rank.device("cuda") == "cuda:1"
    assert rank.device("cpu") == "cpu"
    assert ALONE.device("cuda:3") == "cuda:3"
    with pytest.raises(ConfigError, match="shared by 8 processes"):
        rank.device("cuda:3")
