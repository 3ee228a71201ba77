"""Processes and workers share the sets: each is read once."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from pipeline.training.vlm.loader import CounterfactualDataset, make_loader
from tests.integration.training.vlm.streams import ALL, keys

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("world", [1, 2, 5, 8])
@pytest.mark.parametrize("workers", [0, 2])
def test_processes_and_workers_share_the_sets(run: Path, world: int, workers: int) -> None:
    """With 8 processes for 5 tars, each takes every eighth sample."""
    found: list[str] = []
    for rank in range(world):
        dataset = CounterfactualDataset(
            run, pictures="none", rank=rank, world_size=world, shuffle_buffer=4
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the two workers for one shard
            mine = [k for b in make_loader(dataset, batch_size=2, num_workers=workers)
                    for k in b["key"]]  # fmt: skip
        assert mine, "no process may be without data"
        found += mine
    assert sorted(found) == ALL


def test_launcher_s_rank_is_used(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = []
    for rank in range(2):
        monkeypatch.setenv("RANK", str(rank))
        monkeypatch.setenv("WORLD_SIZE", "2")
        parts.append(set(keys(CounterfactualDataset(run, pictures="none"))))
    assert not parts[0] & parts[1]
    assert sorted(parts[0] | parts[1]) == ALL
