"""The flow `finetune-vlm`: fine-tune a CLIP or SigLIP on a run's counterfactual sets.

One task, as a training is one process from the first step to the last. Progress and the curves of
loss and accuracy appear in Prefect as artifacts. The output folder decides what is done: the same
parameters again go on from the newest checkpoint, and nothing is cached by Prefect.

`python -m flows.finetune_vlm` serves the deployment `finetune-vlm/default` by itself. For several
GPUs, use the command under `accelerate launch` instead: a flow is one process.
"""

# No postponed annotations here: a served flow is pickled without what only they name, and
# Prefect could not check its parameters.
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_image_artifact, create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

import counterfactory  # noqa: F401  (binds our package `pipeline`, not one of the user's)
from flows.progress import TrainingProgress
from flows.training_summary import key_of, picture_url, vlm_headline, vlm_markdown
from pipeline.training.vlm.finetune.config import VlmConfig
from pipeline.training.vlm.finetune.outcome import VlmOutcome
from pipeline.training.vlm.finetune.trainer import train_vlm

NAME = "finetune-vlm"


@task(name="train", cache_policy=NO_CACHE, persist_result=False)
def train(config: VlmConfig) -> VlmOutcome:
    """Train from the newest checkpoint, or from the start, to the end."""
    with TrainingProgress(get_run_logger(), config.train.steps) as progress:

        def show_curves(step: int, path: Path) -> None:
            get_run_logger().info("step %d: the curves are %s", step, path)
            progress.send(f"the curves of step {step}", lambda: send_curves(config, step, path))

        outcome = train_vlm(config, observer=progress, on_curves=show_curves)
        page = vlm_markdown(config, outcome)
        key = key_of(NAME, config.folder, "summary")
        progress.send("the summary", lambda: create_markdown_artifact(page, key=key))
        return outcome


def send_curves(config: VlmConfig, step: int, path: Path) -> None:
    """Leave the curves in Prefect as a picture, a new version of the same artifact each time."""
    create_image_artifact(
        image_url=picture_url(path),
        key=key_of(NAME, config.folder, "curves"),
        description=f"step {step}: {path.resolve()}",
    )


@flow(name=NAME, persist_result=False)
def finetune_vlm(config: VlmConfig) -> State:
    """Fine-tune a vision-language model on a run of this project.

    A training that is there is resumed. A relative run, output or model folder is looked for in
    the folder from which the deployment was made.

    Args:
        config: What to train, and on what: `run` names a run with pictures.
    """
    return Completed(message=vlm_headline(train(config)))


if __name__ == "__main__":
    finetune_vlm.serve(name="default")
