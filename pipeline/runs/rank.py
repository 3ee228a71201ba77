"""Several processes of one launcher on one run: which rank makes which shard, on which GPU.

`accelerate launch`, `torchrun`, `srun`, a SLURM array and an indexed Kubernetes job start the same
command several times and tell each process its number. A shard belongs to the process
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

    In this order: RANK and WORLD_SIZE (torchrun, accelerate), the tasks of `srun`, those of a
    SLURM array (of which each may be a step of several tasks), and the index of a Kubernetes job.

    Raises:
        ConfigError: The variables contradict each other.
    """
    if environ.get(WORK_ALONE, "") not in {"", "0"}:
        return ALONE
    if "RANK" in environ:
        said = _Said(environ, ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
        return ALONE if environ.get("WORLD_SIZE", "1") == "1" else _launched(said)
    if "JOB_COMPLETION_INDEX" in environ:
        return _of_indexed_job(environ)
    return _of_slurm(environ)


WORK_ALONE = "COUNTERFACTORY_ALONE"
"""Set to 1, a launcher's variables do not count: a sweep whose every task is a run of its own."""

_INDEXED = ("JOB_COMPLETION_INDEX", "WORLD_SIZE")
_TASKS = ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID")
_ARRAY = (
    "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN",
    "SLURM_ARRAY_TASK_STEP",
)  # fmt: skip


class _Said:
    """Numbers among the variables of a launcher, and all of them for a message."""

    def __init__(self, environ: Mapping[str, str], names: tuple[str, ...]) -> None:
        self.environ = environ
        self.names = names

    def number(self, name: str, default: int | None = None) -> int:
        """A variable's number.

        Raises:
            ConfigError: It is none, or is missing without a default.
        """
        try:
            value = self.environ.get(name, "")
            return int(value) if value or default is None else default
        except ValueError as error:
            raise self.nonsense() from error

    def nonsense(self) -> ConfigError:
        """The error that names them."""
        told = ", ".join(f"{name}={self.environ.get(name, '')}" for name in self.names)
        return ConfigError(
            f"the launcher's variables make no sense ({told}); unset them, set {WORK_ALONE}=1 to "
            "make the whole run in this process, or start with "
            "`accelerate launch --multi_gpu --num_processes N -m counterfactory run …`"
        )


def _launched(said: _Said) -> Rank:
    rank, world_size = said.number("RANK"), said.number("WORLD_SIZE")
    local_rank = said.number("LOCAL_RANK", rank)
    if not 0 <= local_rank <= rank < world_size:
        raise said.nonsense()
    return Rank(rank, world_size, _visible(said.environ, local_rank))


def _of_indexed_job(environ: Mapping[str, str]) -> Rank:
    """A pod of an indexed job; Kubernetes tells its index and not how many there are."""
    said = _Said(environ, _INDEXED)
    if not environ.get("WORLD_SIZE"):
        raise ConfigError(
            "JOB_COMPLETION_INDEX is set, but nothing says how many pods there are: set "
            f"WORLD_SIZE to the job's `completions`, or {WORK_ALONE}=1 to make the whole run here"
        )
    rank, world_size = said.number("JOB_COMPLETION_INDEX"), said.number("WORLD_SIZE")
    if not 0 <= rank < world_size:
        raise said.nonsense()
    return ALONE if world_size == 1 else Rank(rank, world_size, 0)


def _of_slurm(environ: Mapping[str, str]) -> Rank:
    """A task of `srun`, of an array, or both; a batch script outside `srun` is no task."""
    said = _Said(environ, (*_TASKS, *_ARRAY))
    in_step = "SLURM_JOB_ID" not in environ or {"SLURM_STEP_ID", "SLURM_STEPID"} & environ.keys()
    task, tasks, local_rank = 0, 1, 0
    if "SLURM_PROCID" in environ and in_step:
        task = said.number("SLURM_PROCID")
        tasks = said.number("SLURM_STEP_NUM_TASKS", said.number("SLURM_NTASKS", 1))
        local_rank = said.number("SLURM_LOCALID", 0)
    element, elements = 0, 1
    if "SLURM_ARRAY_TASK_ID" in environ:
        elements = said.number("SLURM_ARRAY_TASK_COUNT", 1)
        first = said.number("SLURM_ARRAY_TASK_MIN", 0)
        step = max(1, said.number("SLURM_ARRAY_TASK_STEP", 1))
        element, odd = divmod(said.number("SLURM_ARRAY_TASK_ID") - first, step)
        if odd:
            raise said.nonsense()
    rank, world_size = element * tasks + task, elements * tasks
    if not (0 <= task < tasks and 0 <= element < elements):
        raise said.nonsense()
    if world_size == 1:
        return ALONE
    return Rank(rank, world_size, _visible(environ, local_rank))


def _visible(environ: Mapping[str, str], local_rank: int) -> int:
    """The number of a rank's GPU among those that it sees: SLURM may show each its own only."""
    seen = [name for name in environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    return local_rank % len(seen) if seen else local_rank


def launcher_note(environ: Mapping[str, str]) -> str | None:
    """What a launcher does otherwise than its user may think; None where it does not."""
    if "RANK" not in environ and environ.get("ACCELERATE_USE_CPU", "").lower() == "true":
        if "MASTER_ADDR" not in environ:
            return None
        return (
            "accelerate launch --cpu starts one process, whatever --num_processes says, so this "
            "one makes the whole run; for N processes start it with "
            "`torchrun --nproc-per-node N -m counterfactory run …`"
        )
    return None
