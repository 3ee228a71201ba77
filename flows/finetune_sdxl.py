"""The flow `finetune-sdxl`: fine-tune the image model on pictures with captions.

One task, because a training is one process from the first step to the last. Progress and
every validation grid appear in Prefect as artifacts. The output folder decides what is
done: a run that was cancelled, crashed or killed goes on from its newest checkpoint when
the same parameters are run again, and nothing is cached by Prefect.

`python -m flows.finetune_sdxl` serves the deployment `finetune-sdxl/default` by itself. For
several GPUs, use the command under `accelerate launch` instead: a flow is one process.
"""

# No postponed annotations here: a served flow is pickled without what only they name, and
# Prefect could not check its parameters.
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_image_artifact, create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.progress import TrainingProgress
from flows.training_summary import artifact_key, headline, markdown, picture_url
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.outcome import FinetuneOutcome
from pipeline.training.sdxl.run import run_finetuning


@task(name="train", cache_policy=NO_CACHE, persist_result=False)
def train(config: FinetuneConfig) -> FinetuneOutcome:
    """Train from the newest checkpoint, or from the start, to the end."""
    with TrainingProgress(get_run_logger(), config.train.steps) as progress:

        def show_grid(step: int, path: Path) -> None:
            get_run_logger().info("step %d: the validation grid is %s", step, path)
            progress.send(f"the grid of step {step}", lambda: send_grid(config, step, path))

        outcome = run_finetuning(config, observer=progress, on_grid=show_grid)
        page = markdown(config, outcome)
        key = artifact_key(config, "summary")
        progress.send("the summary", lambda: create_markdown_artifact(page, key=key))
        return outcome


def send_grid(config: FinetuneConfig, step: int, path: Path) -> None:
    """Leave a grid in Prefect as a picture, a new version of the same artifact each time."""
    create_image_artifact(
        image_url=picture_url(path),
        key=artifact_key(config, "grid"),
        description=f"step {step}: {path.resolve()}",
    )


@flow(name="finetune-sdxl", persist_result=False)
def finetune_sdxl(config: FinetuneConfig) -> State:
    """Fine-tune SDXL: LoRA weights, or the whole UNet.

    A training that is there is resumed. A relative output, input or model folder is looked
    for in the folder from which the deployment was made.

    Args:
        config: What to train, and on what: `data.run` names a run directory of this
            project, or `source` any input with pictures.
    """
    return Completed(message=headline(train(config)))


if __name__ == "__main__":
    finetune_sdxl.serve(name="default")
