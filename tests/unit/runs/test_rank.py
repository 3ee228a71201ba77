"""Several ranks on one run: every shard is exactly one's, and so is every GPU."""

from __future__ import annotations

import pytest

from pipeline.core.errors import ConfigError
from pipeline.runs.rank import ALONE, Rank, launcher_note, read_rank


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


def array(element: int, count: int = 4, first: int = 0, step: int = 1) -> dict[str, str]:
    return {
        "SLURM_JOB_ID": "7",
        "SLURM_ARRAY_TASK_ID": str(element),
        "SLURM_ARRAY_TASK_COUNT": str(count),
        "SLURM_ARRAY_TASK_MIN": str(first),
        "SLURM_ARRAY_TASK_STEP": str(step),
        # What sbatch itself sets in a script that asks for several tasks.
        "SLURM_PROCID": "0",
        "SLURM_NTASKS": "2",
    }


@pytest.mark.parametrize(
    ("said", "rank"),
    [
        ({"SLURM_PROCID": "3", "SLURM_NTASKS": "8", "SLURM_LOCALID": "1"}, Rank(3, 8, 1)),
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "2"}, Rank(0, 2, 0)),
        (
            {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_PROCID": "1", "SLURM_NTASKS": "8",
             "SLURM_STEP_NUM_TASKS": "2", "SLURM_LOCALID": "1"},
            Rank(1, 2, 1),
        ),
        # Each task of srun may see its own GPU only, as number 0.
        (
            {"SLURM_PROCID": "3", "SLURM_NTASKS": "4", "SLURM_LOCALID": "3",
             "CUDA_VISIBLE_DEVICES": "3"},
            Rank(3, 4, 0),
        ),
        # The script of sbatch is one process, however many tasks it may start.
        ({"SLURM_JOB_ID": "7", "SLURM_PROCID": "0", "SLURM_NTASKS": "8"}, ALONE),
        (array(0), Rank(0, 4, 0)),
        (array(3), Rank(3, 4, 0)),
        (array(4, first=1), Rank(3, 4, 0)),
        (array(20, first=10, step=5), Rank(2, 4, 0)),
        (array(5, count=1, first=5), ALONE),
        (
            {**array(2), "SLURM_STEP_ID": "0", "SLURM_PROCID": "1", "SLURM_LOCALID": "1"},
            Rank(5, 8, 1),
        ),
        ({"JOB_COMPLETION_INDEX": "2", "WORLD_SIZE": "3"}, Rank(2, 3, 0)),
        ({"JOB_COMPLETION_INDEX": "0", "WORLD_SIZE": "1"}, ALONE),
        ({**array(3), "COUNTERFACTORY_ALONE": "1"}, ALONE),
        ({**array(3), "RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1"}, Rank(1, 2, 1)),
    ],
)  # fmt: skip
def test_schedulers_of_clusters_are_believed(said: dict[str, str], rank: Rank) -> None:
    assert read_rank(said) == rank


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"SLURM_PROCID": "8", "SLURM_NTASKS": "8"}, "SLURM_PROCID=8"),
        (array(9, first=1), "SLURM_ARRAY_TASK_ID=9"),
        (array(12, first=10, step=5), "SLURM_ARRAY_TASK_STEP=5"),
        ({"JOB_COMPLETION_INDEX": "0"}, "`completions`"),
        ({"JOB_COMPLETION_INDEX": "3", "WORLD_SIZE": "3"}, "JOB_COMPLETION_INDEX=3"),
        ({"JOB_COMPLETION_INDEX": "x", "WORLD_SIZE": "3"}, "COUNTERFACTORY_ALONE=1"),
    ],
)
def test_their_nonsense_is_refused_with_the_way_out(said: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        read_rank(said)


def test_an_array_makes_every_shard_once() -> None:
    ranks = [read_rank(array(element, count=3, first=2)) for element in (2, 3, 4)]
    assert all(sum(rank.takes(shard) for rank in ranks) == 1 for shard in range(30))


def test_accelerate_on_a_cpu_says_that_it_is_one_process() -> None:
    """As accelerate 1.15 sets its variables for `--cpu --num_processes 2`, 1, and for torchrun."""
    two = {"ACCELERATE_USE_CPU": "True", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}
    assert "one process" in (launcher_note(two) or "")
    assert launcher_note({"ACCELERATE_USE_CPU": "True"}) is None
    assert launcher_note({**two, "RANK": "0", "WORLD_SIZE": "2"}) is None
    assert launcher_note({}) is None
