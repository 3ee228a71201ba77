"""Several processes of one launcher on one run: which rank makes which shard, on which GPU.

`accelerate launch` and `torchrun` start the same command several times and tell each
process its number in RANK, WORLD_SIZE and LOCAL_RANK. A shard belongs to the process
whose number its own leaves when divided by how many there are, so nobody has to ask.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Rank:
    """One process among those that share a run.

    Attributes:
        rank: Its number, from 0.
        world_size: How many there are.
        local_rank: Its number on this machine, which is that of its GPU.
    """

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0

    @property
    def is_alone(self) -> bool:
        """Whether no other process works on the run."""
        return self.world_size == 1

    def takes(self, shard_id: int) -> bool:
        """Whether a shard is this process's; every shard is exactly one process's."""
        return shard_id % self.world_size == self.rank

    def device(self, asked: str) -> str:
        """What `images.device` means for this process: a GPU of its own.

        Raises:
            ConfigError: One certain GPU is asked for, for several processes.
        """
        if self.is_alone or asked in {"cpu", "mps"}:
            return asked
        if re.fullmatch(r"(auto|cuda):\d+", asked):
            raise ConfigError(
                f"images.device {asked} would be shared by {self.world_size} processes; leave it "
                "on `auto`, then each takes a GPU of its own"
            )
        return f"{asked}:{self.local_rank}"


ALONE = Rank()


def read_rank(environ: Mapping[str, str]) -> Rank:
    """Read what a launcher says; without a launcher, :data:`ALONE`.

    Raises:
        ConfigError: The variables contradict each other.
    """
    if "RANK" not in environ or environ.get("WORLD_SIZE", "1") == "1":
        return ALONE
    said = {name: environ.get(name, "") for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")}
    try:
        rank, world_size = int(said["RANK"]), int(said["WORLD_SIZE"])
        local_rank = int(said["LOCAL_RANK"] or rank)
    except ValueError:
        rank, world_size, local_rank = -1, 0, -1
    if not 0 <= local_rank <= rank < world_size:
        told = ", ".join(f"{name}={value}" for name, value in said.items())
        raise ConfigError(
            f"the launcher's variables make no sense ({told}); unset them, or start with "
            "`accelerate launch --multi_gpu --num_processes N -m counterfactory run …`"
        )
    return Rank(rank, world_size, local_rank)
