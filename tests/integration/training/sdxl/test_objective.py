"""What the network is taught to predict."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.run import run_finetuning

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_the_models_own_prediction_type_is_trained(
    make_config: Callable[..., FinetuneConfig],
    learner: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prediction: str,
) -> None:
    import shutil

    import torch

    from pipeline.training.sdxl.objective import Objective

    model = tmp_path / "model"
    shutil.copytree(learner, model)
    settings = model / "scheduler" / "scheduler_config.json"
    text = json.loads(settings.read_text("utf-8")) | {"prediction_type": prediction}
    settings.write_text(json.dumps(text), "utf-8")
    seen = []

    def spy(self: Objective, batch: Any) -> torch.Tensor:
        seen.append((batch, real(self, batch)))
        return seen[-1][1]

    real = Objective.target
    monkeypatch.setattr(Objective, "target", spy)
    run_finetuning(make_config(model=str(model), train__steps=1))
    batch, target = seen[0]
    # x_t = a x0 + s e, v = a e - s x0, from the schedule's own numbers.
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
    a2 = torch.cumprod(1 - betas, 0)[batch.timesteps].view(-1, 1, 1, 1)
    velocity = a2.sqrt() * batch.noise - (1 - a2).sqrt() * batch.latents
    wanted = batch.noise if prediction == "epsilon" else velocity
    assert torch.allclose(target, wanted, atol=1e-4)
