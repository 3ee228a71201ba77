"""The flow `generate-cf`: the main job, one task for each stage of each shard.

With `run.executor = "ray"` one task starts the driver, and the stages are the cluster's work.

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
from dataclasses import dataclass, replace

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Completed
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import Task

import counterfactory  # noqa: F401  (binds our package `pipeline`, not one of the user's)
from flows.context import FlowContext, current, shared
from flows.progress import RunProgress
from flows.summary import artifact_key, headline, markdown
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError, StageContractError, TransientError
from pipeline.report.build import write_report
from pipeline.runs.caption_workers import caption_writer
from pipeline.runs.components import Components
from pipeline.runs.empty_run import refuse_empty_run
from pipeline.runs.job import Job, Pending
from pipeline.runs.on_ray import RayExecutor
from pipeline.runs.retry import RETRIES, retry_wait_s
from pipeline.runs.run import run_config
from pipeline.runs.schedule import Executor, Scheduler
from pipeline.runs.shard import write_shard_images
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import Manifest
from pipeline.shards.timings import Effort

SAMPLE = RunConfig()
"""The default: the packaged sample of real captions, without pictures."""


def may_pass(task: Task[..., object], task_run: TaskRun, state: State) -> bool:
    """Whether to try a stage again: after a transient failure, once its wait is over.

    Waits here and not in Prefect's own delay, which could neither follow what the other
    side asks nor end when the flow is asked to stop.
    """
    if not isinstance(error := state.data, TransientError):
        return False
    wait_s = retry_wait_s(error, tries=task_run.run_count)
    get_run_logger().warning("%s; trying again in %.0f s", error, wait_s)
    return current().progress.wait_unless_stopping(wait_s)


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
    current().write_captions(shard_id)


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
    context = current()
    write_shard_images(context.job, shard_id, context.components, context.progress)


@dataclass(frozen=True, slots=True)
class PrefectExecutor:
    """Submits the stages of shards as tasks; see :class:`pipeline.runs.schedule.Executor`.

    Attributes:
        job: The run.
        components: Its models, loaded once for the process.
        progress: Where progress goes and the wish to stop comes from.
    """

    job: Job
    components: Components
    progress: RunProgress

    def run(self, left: Pending, /) -> None:
        """Make what is left of the run."""
        job, components, progress = self.job, self.components, self.progress
        progress.begin(job, left)
        with (
            caption_writer(job, components, os.environ, progress) as write,
            shared(FlowContext(job, components, progress, write)),
        ):
            Scheduler(
                captions=write_captions.submit,
                images=write_images.submit,
                stop=progress.stop,
                captions_at_once=job.config.workers,
            ).run(left)


@dataclass(frozen=True, slots=True)
class RayDriver:
    """Has one task be the driver of a Ray cluster; see :class:`pipeline.runs.on_ray.RayExecutor`.

    Attributes:
        job: The run.
        components: The driver's models, of which it loads none.
        progress: Where progress goes and the wish to stop comes from.
    """

    job: Job
    components: Components
    progress: RunProgress

    def run(self, left: Pending, /) -> None:
        """Make what is left of the run."""
        self.progress.begin(self.job, left)
        executor = RayExecutor(self.job, self.components, self.progress)

        @task(name="run-on-ray", cache_policy=NO_CACHE, persist_result=False)
        def run_on_ray() -> None:
            executor.run(left)

        run_on_ray()


def where(job: Job, components: Components, progress: RunProgress) -> Executor:
    """Where the work is done: in Prefect's tasks, or on a Ray cluster that one of them drives."""
    on_ray = job.config.run.executor == "ray"
    return (RayDriver if on_ray else PrefectExecutor)(job, components, progress)


@flow(
    name="generate-cf",
    # Its threads come as they are needed: the scheduler bounds what is under way.
    task_runner=ThreadPoolTaskRunner(),  # type: ignore[arg-type]
    persist_result=False,
)
def generate_cf(config: RunConfig = SAMPLE, resumes_left: int = 3) -> State:
    """Make typed counterfactual image-text shards from real captions.

    A run directory that is there is resumed: finished shards are kept, the rest is made.
    A relative output, input or model folder is looked for in the folder from which the
    deployment was made. API keys are read from the worker's environment, never from here.

    Args:
        config: What to make. The defaults make caption-only shards of the packaged sample
            of real captions, in outputs/sample-cc3m; images.renderer "sdxl" draws pictures.
        resumes_left: How often the automation in flows/crashed_runs.yaml may run this again
            where its process is killed.
    """
    if resumes_left < 0:
        raise ConfigError(
            "this run crashed again each time it was resumed, so it is not resumed once more; "
            "finished shards are kept: look at the last crash, then run the deployment again"
        )
    with RunProgress(get_run_logger()) as progress:
        outcome = run_config(
            config,
            os.environ,
            progress,
            executor=lambda job, components: where(job, components, progress),
        )
        manifest, layout = outcome.manifest, outcome.job.layout
        if manifest is None:
            raise StageContractError(f"a flow works alone, and yet {layout.root} is not finished")
        refuse_empty_run(layout, manifest.counts)
        _, report = write_report(layout)
        page = summary_of(layout, manifest, report.efforts)
        key = artifact_key(layout)
        progress.send("the summary", lambda: create_markdown_artifact(page, key=key))
    return Completed(message=headline(manifest, layout))


def summary_of(layout: RunLayout, manifest: Manifest, efforts: Sequence[Effort]) -> str:
    """The page of a finished run; its paths are whole, as the reader is elsewhere."""
    return markdown(manifest, replace(layout, root=layout.root.resolve()), efforts)


if __name__ == "__main__":
    generate_cf.serve(name="default")
