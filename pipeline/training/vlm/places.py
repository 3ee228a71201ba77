"""Which process and which worker this is, and which part of the shards that one reads."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One of the readers that share the shards.

    Attributes:
        rank: Number of the process.
        world_size: Number of processes.
        worker: Number of the worker within the process.
        workers: Number of workers of the process.
    """

    rank: int
    world_size: int
    worker: int
    workers: int

    def part(self, shards: Sequence[str]) -> tuple[Sequence[str], int, int]:
        """The shards that it reads, and which of their samples: every `step`-th from `first`.

        With fewer shards than processes every process reads all shards, so that none is
        without data, which would let the others wait for ever.
        """
        if len(shards) < self.world_size:
            return shards[self.worker :: self.workers], self.world_size, self.rank
        mine = shards[self.rank :: self.world_size]
        return mine[self.worker :: self.workers], 1, 0


def current_process(rank: int | None, world_size: int | None) -> tuple[int, int]:
    """Rank and world size: as given, else torch.distributed's, else the launcher's, else 0 of 1."""
    if rank is not None and world_size is not None:
        return rank, world_size
    if "torch" in sys.modules:
        from torch import distributed

        if distributed.is_available() and distributed.is_initialized():
            return distributed.get_rank(), distributed.get_world_size()
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


def current_worker() -> tuple[int, int]:
    """Number of this DataLoader worker and how many there are; 0 of 1 outside of one."""
    if "torch" in sys.modules:
        from torch.utils.data import get_worker_info

        info = get_worker_info()
        if info is not None:
            return info.id, info.num_workers
    return 0, 1
