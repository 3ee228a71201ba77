"""Steps for the tests of Ray Data, in a module that actors can import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.ray_data.worker import Worker
from pipeline.core.errors import TransientError
from pipeline.core.progress import Step


@dataclass(frozen=True, slots=True)
class Note:
    """Leaves a file for every shard, and needs the file of the step before."""

    folder: Path
    name: str
    after: str | None = None

    def __call__(self, worker: Worker) -> Callable[[int], None]:
        def write(shard_id: int) -> None:
            if self.after is not None:
                assert (self.folder / f"{self.after}-{shard_id}").exists()
            (self.folder / f"{self.name}-{shard_id}").touch()
            worker.advance(Step.IMAGES, 2)
            worker.measured(shard_id, self.name, 0.5, {"images": 2})

        return write


@dataclass(frozen=True, slots=True)
class Fail:
    """Fails at one shard, or when it is opened."""

    at: int | None

    def __call__(self, worker: Worker) -> Callable[[int], None]:
        def write(shard_id: int) -> None:
            if shard_id == self.at:
                raise TransientError(f"shard {shard_id}", retry_after_s=4.0)

        if self.at is None:
            raise TransientError("no model on this machine")
        return write


@dataclass(frozen=True, slots=True)
class Reserve:
    """Sets 30 tokens of a limit of 100 aside for each shard, and uses all."""

    folder: Path

    def __call__(self, worker: Worker) -> Callable[[int], None]:
        from pipeline.adapters.llm.budget import Usage

        spend = worker.spend()

        def write(shard_id: int) -> None:
            if spend.reserve(0.0, 30, max_usd=None, max_tokens=100):
                (self.folder / f"asked-{shard_id}").touch()
                spend.book(("captions", "v1"), Usage(requests=1, tokens_in=30))
                spend.release(0.0, 30)

        return write
