"""The flow `generate-cf`: the main job, one task for each shard and half.

Tasks receive shard numbers and return nothing: captions and pictures never pass through
Prefect. What is done is read from the run directory, so a run that was cancelled, crashed
or killed is resumed by running the same parameters again, and nothing is cached.

`python -m flows.generate_cf` serves the deployment `generate-cf/default` by itself, without
a work pool and a worker, for as long as it is left running.
"""

# No postponed annotations here: a served flow is pickled without what only they name, and
# Prefect could not check its parameters.
import os
from collections.abc import Sequence
from dataclasses import replace

import httpx
from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Completed
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import Task

import counterfactory  # noqa: F401  (binds our package `pipeline`, not one of the user's)
from flows.bench import Bench, current, shared
from flows.dashboard import Dashboard
from flows.lanes import Lanes
from flows.summary import artifact_key, headline, markdown
from pipeline.config.run import RunConfig
from pipeline.core.errors import TransientError
from pipeline.report.build import write_report
from pipeline.runs.components import Workshop
from pipeline.runs.job import Job, finish, locked, open_job, pending
from pipeline.runs.shard import write_captions_half, write_images_half
from pipeline.shards.manifest import Manifest
from pipeline.shards.timings import Effort

RETRIES = 3
"""Times that one half of a shard is tried again after a transient failure."""

FIRST_WAIT_S = 10.0
"""Wait before the first of them where the other side names none; each next one is doubled."""

LONGEST_WAIT_S = 600.0
"""Longest wait between two tries, whatever the other side asks."""

SAMPLE = RunConfig()
"""The default: the packaged sample of real captions, without pictures."""


def may_pass(task: Task[..., object], task_run: TaskRun, state: State) -> bool:
    """Whether to try a half again: after a transient failure, once its wait is over.

    Waits here and not in Prefect's own delay, which could neither follow what the other
    side asks nor end when the flow is asked to stop.
    """
    if not isinstance(error := state.data, TransientError):
        return False
    wait_s = retry_wait_s(error, tries=task_run.run_count)
    get_run_logger().warning("%s; trying again in %.0f s", error, wait_s)
    return current().dashboard.wait_unless_stopping(wait_s)


def retry_wait_s(error: TransientError, *, tries: int) -> float:
    """Seconds before the next try: what the other side asked, else 10, 20, 40 and so on."""
    asked = error.retry_after_s
    wait_s = FIRST_WAIT_S * 2.0 ** max(0, tries - 1) if asked is None else asked
    return min(max(0.0, wait_s), LONGEST_WAIT_S)


@task(
    name="write-captions",
    task_run_name="captions-{shard_id:06d}",
    retries=RETRIES,
    retry_condition_fn=may_pass,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def write_captions(shard_id: int) -> None:
    """Write the captions of one shard."""
    bench = current()
    write_captions_half(bench.job, shard_id, bench.workshop, bench.dashboard)


@task(
    name="write-images",
    task_run_name="images-{shard_id:06d}",
    retries=RETRIES,
    retry_condition_fn=may_pass,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def write_images(shard_id: int) -> None:
    """Draw the pictures of one shard and pack it."""
    bench = current()
    write_images_half(bench.job, shard_id, bench.workshop, bench.dashboard)


@flow(
    name="generate-cf",
    task_runner=ThreadPoolTaskRunner(max_workers=2),  # type: ignore[arg-type]
    persist_result=False,
)
def generate_cf(config: RunConfig = SAMPLE) -> State:
    """Make typed counterfactual image-text shards from real captions.

    A run directory that is there is resumed: finished shards are kept, the rest is made.
    A relative output, input or model folder is looked for in the folder from which the
    deployment was made. API keys are read from the worker's environment, never from here.

    Args:
        config: What to make. The defaults make caption-only shards of the packaged sample
            of real captions, in outputs/sample-cc3m; images.renderer "sdxl" draws pictures.
    """
    dashboard = Dashboard(get_run_logger())
    with Workshop(config, os.environ) as workshop:
        job = open_job(config, workshop, dashboard)
        with locked(job), shared(Bench(job, workshop, dashboard)):
            left = pending(job)
            dashboard.begin(job, left)
            Lanes(
                captions=write_captions.submit,
                images=write_images.submit,
                meanwhile=dashboard.show,
                stop=dashboard.stop,
            ).run(left)
            manifest = finish(job)
            _, report = write_report(job.layout)
    dashboard.show(now=True)
    publish(job, manifest, report.efforts)
    return Completed(message=headline(manifest, job.layout))


def publish(job: Job, manifest: Manifest, efforts: Sequence[Effort]) -> None:
    """Leave the run's summary in Prefect; a server that is away costs only the page."""
    layout = replace(job.layout, root=job.layout.root.resolve())
    try:
        create_markdown_artifact(markdown(manifest, layout, efforts), key=artifact_key(layout))
    except httpx.HTTPError as error:
        get_run_logger().warning("the summary is not shown, the server is away: %s", error)


if __name__ == "__main__":
    generate_cf.serve(name="default")
