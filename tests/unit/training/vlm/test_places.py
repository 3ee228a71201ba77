"""Every sample of every shard belongs to exactly one reader, however many there are."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.training.vlm.places import Place, current_process, current_worker

SAMPLES = 7


@pytest.mark.parametrize("shards", [1, 3, 8])
@pytest.mark.parametrize("world", [1, 2, 5])
@pytest.mark.parametrize("workers", [1, 3])
def test_readers_share_all_samples_and_no_process_is_without(
    shards: int, world: int, workers: int
) -> None:
    names = [f"{number}.tar" for number in range(shards)]
    read: Counter[tuple[str, int]] = Counter()
    for rank in range(world):
        before = read.total()
        for worker in range(workers):
            mine, step, first = Place(rank, world, worker, workers).part(names)
            read.update((shard, sample) for shard in mine for sample in range(first, SAMPLES, step))
        assert read.total() > before
    assert read == Counter({(name, sample): 1 for name in names for sample in range(SAMPLES)})


def test_what_is_given_wins_over_the_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert current_process(None, None) == (0, 1)
    monkeypatch.setenv("RANK", "2")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert current_process(None, None) == (2, 4)
    assert current_process(1, 3) == (1, 3)
    assert current_worker() == (0, 1), "outside of a DataLoader"
