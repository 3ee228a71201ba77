"""The executor of a Ray cluster: caption actors on processors, image actors on GPUs.

Shard numbers go in and receipts stay on disk. The driver, which holds the run directory and
writes the manifest, sees the same files as the actors: a shared volume where they are on
several machines. An actor that dies, with its machine or alone, is started anew by Ray, and
the shard that it was at work on is made again from its start.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.adapters.threads import prepare_threads
from pipeline.core.errors import ConfigError
from pipeline.core.ids import JsonValue
from pipeline.core.progress import Observer, Step
from pipeline.runs.balance import run_balance
from pipeline.runs.components import Components
from pipeline.runs.job import Job, Pending, finished_captions, pending
from pipeline.runs.retry import RetryingObserver
from pipeline.runs.schedule import AHEAD, ShardStage
from pipeline.runs.scratch import prepare_scratch
from pipeline.runs.shard import raise_if_stopping, write_shard_captions, write_shard_images
from pipeline.shards.manifest import read_receipt
from pipeline.stores.fence import raise_if_lost

if TYPE_CHECKING:
    from pipeline.adapters.ray_data.worker import Worker


@dataclass(frozen=True, slots=True)
class RayExecutor:
    """Works in the actors of a Ray cluster; see :class:`pipeline.runs.schedule.Executor`.

    Attributes:
        job: The run.
        components: The driver's models, of which it loads none; their ledger is the run's.
        observer: Watches and stops.
    """

    job: Job
    components: Components
    observer: Observer

    def run(self, left: Pending, /) -> None:
        """Make what is left of the run."""
        from pipeline.adapters.ray_data.stream import Pool, connected, count_gpus, stream

        job, observer, execution = self.job, self.observer, self.job.config.run
        if not job.rank.is_alone:
            raise ConfigError(
                "run.executor is ray under a launcher of several processes: start one process, "
                "Ray has actors of its own"
            )
        observer.total(Step.ANCHORS, sum(job.spans[i].rows for i in left.captions))
        observer.total(Step.SHARDS, len(left.shards))
        if not left.shards:
            return
        prepare_threads()
        caption_actors = min(job.config.workers, len(left.shards))
        asked = caption_actors + (execution.image_actors or 1)
        with connected(execution.ray_address, processors=asked) as ray:
            gpus = count_gpus(ray) if self.components.draws else 0
            image_actors = min(execution.image_actors or max(1, gpus), len(left.shards))
            gpus_each = execution.gpus_per_actor
            stages = self.components.stage_fingerprints()
            pools = (
                Pool(
                    ShardStage.CAPTIONS,
                    _Open(ShardStage.CAPTIONS, job, stages, share=caption_actors + image_actors),
                    actors=caption_actors,
                    num_cpus=1,
                    num_gpus=0,
                    ahead=AHEAD * max(caption_actors, image_actors),
                ),
                Pool(
                    ShardStage.IMAGES,
                    _Open(ShardStage.IMAGES, job, stages, share=caption_actors + image_actors),
                    actors=image_actors,
                    num_cpus=1,
                    num_gpus=min(1, gpus) if gpus_each is None else gpus_each,
                ),
            )
            try:
                watched = _WhileHeld(observer, str(job.layout.root))
                stream(ray, left.shards, pools, watched, self.components.spend)
            finally:
                job.layout.remove_partial_files()  # of actors that were killed
        if pending(job).shards:
            raise_if_stopping(observer, job)


class _WhileHeld:
    """The observer, which ends the run where the driver's claim on a store is another's.

    The actors, which do not hold it, are told to stop then as at any error of the driver.
    """

    def __init__(self, observer: Observer, root: str) -> None:
        self._observer, self._root = observer, root
        self.advance = observer.advance
        self.total = observer.total
        self.measured = observer.measured

    @property
    def stopping(self) -> bool:
        raise_if_lost(self._root)
        return self._observer.stopping


@dataclass(frozen=True, slots=True)
class _Open:
    """Opens one actor's models; pickled, it is a stage and a job.

    Attributes:
        stage: Which of the two the actor does.
        job: The run.
        stages: Names of the driver's stages, as they stand in run.json.
        share: Actors that share the language model's rates.
    """

    stage: ShardStage
    job: Job
    stages: Mapping[str, JsonValue]
    share: int

    def __call__(self, worker: Worker) -> Callable[[int], None]:
        """What does the stage of a shard in this process.

        Keys are read from the environment of the machine that the actor is on.

        Raises:
            ConfigError: The machine would make other data than the driver's.
        """
        prepare_scratch(self.job.config.run)
        job, asks = self.job, self.job.config.llm.provider != "none"
        asks = asks or job.config.scores.questions != "none"
        components = Components(
            job.config, os.environ, share=self.share, spend=worker.spend() if asks else None
        )
        observer = RetryingObserver(worker)
        components.use_balance(run_balance(job.config, job.layout, observer))
        refuse_other_stages(self.stages, components.stage_fingerprints())
        if self.stage is ShardStage.CAPTIONS:
            components.edit_stage()

        def write(shard_id: int) -> None:
            # What an actor finished just before it died is handed out once more.
            if self.stage is ShardStage.CAPTIONS:
                if finished_captions(job.layout, shard_id) is None:
                    write_shard_captions(job, shard_id, components, observer)
            elif read_receipt(job.layout, shard_id) is None:
                write_shard_images(job, shard_id, components, observer)

        return lambda shard_id: observer.call(write, shard_id)


def refuse_other_stages(driver: Mapping[str, JsonValue], here: Mapping[str, JsonValue]) -> None:
    """Refuse a machine with other code or models, or another number format, than the driver's.

    Raises:
        ConfigError: A stage has another name there; the message says which.
    """
    differing = sorted(name for name in {*driver, *here} if driver.get(name) != here.get(name))
    if differing:
        raise ConfigError(
            f"on {platform.node()} {', '.join(differing)} would make other data than on the "
            "driver's machine: have the same image, models and versions on both; and where only "
            "one of them has a GPU, set images.dtype (bfloat16), which is float32 without one"
        )
