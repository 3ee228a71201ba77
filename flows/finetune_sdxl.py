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
from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

import counterfactory  # noqa: F401  (binds our package `pipeline`, not one of the user's)
from flows.training_board import TrainingBoard, publish_outcome
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.outcome import FinetuneOutcome
from pipeline.training.sdxl.run import run_finetuning


@task(name="train", cache_policy=NO_CACHE, persist_result=False)
def train(config: FinetuneConfig) -> FinetuneOutcome:
    """Train from the newest checkpoint, or from the start, to the end."""
    board = TrainingBoard(get_run_logger(), config)
    outcome = run_finetuning(config, observer=board, on_grid=board.show_grid)
    board.show(now=True)
    return outcome


@flow(name="finetune-sdxl", persist_result=False)
def finetune_sdxl(config: FinetuneConfig) -> State:
    """Fine-tune SDXL: LoRA weights, or the whole UNet.

    A training that is there is resumed. A relative output, input or model folder is looked
    for in the folder from which the deployment was made.

    Args:
        config: What to train, and on what: `data.run` names a run directory of this
            project, or `source` any input with pictures.
    """
    outcome = train(config)
    return Completed(message=publish_outcome(config, outcome, get_run_logger()))


if __name__ == "__main__":
    finetune_sdxl.serve(name="default")
