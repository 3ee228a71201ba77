"""A whole run, from its config to its manifest: what the command and the flow call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError
from pipeline.core.progress import Observer, Silent
from pipeline.runs.components import Components
from pipeline.runs.job import Job, finish_as_last, locked, open_job, pending
from pipeline.runs.local import LocalExecutor
from pipeline.runs.on_ray import RayExecutor
from pipeline.runs.rank import ALONE, Rank
from pipeline.runs.schedule import Executor
from pipeline.runs.spend_file import kept_spend
from pipeline.shards.manifest import Manifest
from pipeline.stores.kept_blocks import forget_inputs, keep_inputs

if TYPE_CHECKING:
    from pipeline.adapters.llm.budget import Spend

OpenExecutor = Callable[[Job, Components], Executor]
"""Makes the executor of a job with this process's models."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished run.

    Attributes:
        job: What was run.
        manifest: What was made; None where other ranks still work on it.
        resumed_shards: Of this rank's shards, those that were finished before.
        spend: What this process asked of a language model; None without one.
    """

    job: Job
    manifest: Manifest | None
    resumed_shards: int
    spend: Spend | None = None


def run_config(
    config: RunConfig,
    environ: Mapping[str, str],
    observer: Observer | None = None,
    rank: Rank = ALONE,
    *,
    executor: OpenExecutor | None = None,
) -> Outcome:
    """Make everything that the config asks for, or what is left of it.

    Of several ranks, each makes its shards and the last one to end finishes the run.

    Args:
        config: What is made.
        environ: The process environment, for API keys.
        observer: Watches and stops.
        rank: This process among those that share the run.
        executor: Where the work is done; as `run.executor` says if None.

    Raises:
        ConfigError: The input, the models or the run directory cannot be used as asked.
        Stopped: The user asked to stop; finished shards are kept.
        TransientError: The language model may answer later; run again then.
        PermanentError: A full disk, a refused key, a model that does not fit.
    """
    observer = observer or Silent()
    on_ray = config.run.executor == "ray"
    if config.workers > 1 and config.llm.provider != "none" and not on_ray:
        raise ConfigError(
            "workers above 1 are for captions by rules alone: with a language model use "
            "--set workers=1 and raise llm.concurrency, which needs no further processes"
        )
    config = _on_own_device(config, rank)
    if executor is None:
        executor = (
            partial(RayExecutor, observer=observer)
            if on_ray
            else partial(LocalExecutor, environ=environ, observer=observer)
        )
    try:
        with Components(config, environ, share=rank.world_size) as components:
            job = open_job(config, components, observer, rank)
            with locked(job, observer):
                left = pending(job)
                with kept_spend(job.layout, rank, components.spend):
                    executor(job, components).run(left)
                resumed = sum(map(rank.takes, job.shard_ids)) - len(left.shards)
                manifest = finish_as_last(job, observer)
                if manifest is not None:
                    forget_inputs()
                return Outcome(job, manifest, resumed, components.spend)
    finally:
        keep_inputs(0)  # whoever reads the input after the run asks for what is there then


def _on_own_device(config: RunConfig, rank: Rank) -> RunConfig:
    """The config with the GPU of this rank in it.

    Raises:
        ConfigError: One certain GPU is asked for, for several ranks.
    """
    images = config.images.model_copy(update={"device": rank.device(config.images.device)})
    scores = config.scores.model_copy(update={"device": rank.device(config.scores.device)})
    return config.model_copy(update={"images": images, "scores": scores})
