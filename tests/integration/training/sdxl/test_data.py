"""The batches of every step, for one process and for several."""

from __future__ import annotations

import pytest
import torch

from pipeline.core.progress import Silent
from pipeline.training.loop.session import open_session
from pipeline.training.sdxl.data import TrainingData, prepare_data
from pipeline.training.sdxl.run import open_examples, open_model
from tests.integration.training.sdxl.conftest import COLOURS, MakeConfig

pytestmark = pytest.mark.integration


def test_processes_share_what_one_would_learn(make_config: MakeConfig) -> None:
    config = make_config(train__batch_size=4, train__caption_dropout=0.5)
    model = open_model(config)
    pipeline = model.load(torch.float32)
    with open_session(device="cpu", precision="no", accumulate=1) as accelerator:
        data = prepare_data(config, model, pipeline, open_examples(config), accelerator, Silent())
    assert len(data.index) == len(COLOURS)
    assert [prompt.text for prompt in data.prompts] == list(data.index.captions)
    assert pipeline.text_encoder is None

    def latents(data: TrainingData, number: int, rank: int, world_size: int) -> torch.Tensor:
        halved = config.model_copy(
            update={"train": config.train.model_copy(update={"batch_size": 4 // world_size})}
        )
        batch = data.batch(number, halved, rank=rank, world_size=world_size, timesteps=1000)
        return torch.cat([batch.latents.flatten(1), batch.noise.flatten(1)], dim=1)

    for number in range(3):
        whole = latents(data, number, 0, 1)
        parts = [latents(data, number, rank, 2) for rank in range(2)]
        assert torch.equal(torch.cat(parts), whole)
    assert not torch.equal(latents(data, 0, 0, 1), latents(data, 1, 0, 1))
