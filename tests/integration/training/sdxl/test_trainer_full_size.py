"""One step of a fine-tuning of the full-size network, as a GPU would take or refuse it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate.state import AcceleratorState, PartialState

from pipeline.core.progress import Silent
from pipeline.training.loop.session import open_session
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.objective import Objective
from pipeline.training.sdxl.outcome import BaseModel
from pipeline.training.sdxl.run import open_examples, open_model
from pipeline.training.sdxl.trainer import Trainer
from tests.bench.full_size import build_full
from tests.integration.adapters.gpu_rules import RefusedByGpu, as_on_a_gpu

pytestmark = pytest.mark.integration

MakeConfig = Callable[..., FinetuneConfig]


@pytest.fixture
def open_trainer(make_config: MakeConfig, tmp_path: Path) -> Any:
    """Opens the real trainer over a full-size model without numbers, in a given precision."""
    config = make_config(
        data__cache=str(tmp_path / "cache"),
        pictures__width_px=1024,
        pictures__height_px=1024,
        pictures__encode_batch=2,
        train__gradient_checkpointing=True,
    )
    tiny = open_model(config).load(torch.float32)
    examples = list(itertools.islice(open_examples(config), 2))

    def load(dtype: torch.dtype) -> Any:
        assert dtype is torch.float32
        return build_full(tiny, "meta", dtype="float32", most_layers=2)

    def open_one(accelerator: Any) -> Trainer:
        model = BaseModel(tmp_path, "full", load)
        return Trainer(config, model, lambda: examples, accelerator, Silent())

    return open_one


def on_the_gpu(accelerator: Any) -> Any:
    """The accelerator, sent to the device without numbers."""
    PartialState._shared_state["device"] = torch.device("meta")
    AcceleratorState._shared_state["device"] = torch.device("meta")
    assert accelerator.device.type == "meta"
    return accelerator


@pytest.mark.parametrize("precision", ["no", "bf16"])
def test_a_gpu_takes_every_operation(
    open_trainer: Any, precision: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # torch's own autocast does not know the device; `as_on_a_gpu` casts in its place.
    monkeypatch.setattr(
        "accelerate.accelerator.get_mixed_precision_context_manager", lambda *_: lambda call: call
    )
    with open_session(device="cpu", precision=precision, accumulate=1) as accelerator:
        with as_on_a_gpu():
            trainer = open_trainer(on_the_gpu(accelerator))
        weights = dict(trainer._weights)
        assert weights
        with as_on_a_gpu(autocast=torch.bfloat16 if precision == "bf16" else None) as rules:
            trainer._step(0)
    assert {weight.dtype for weight in weights.values()} == {torch.float32}
    assert {weight.device.type for weight in weights.values()} == {"meta"}
    assert rules.peaks[""] > 2**28


def test_a_batch_left_on_the_cpu_is_refused(
    open_trainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    loss = Objective.loss
    with open_session(device="cpu", precision="no", accumulate=1) as accelerator:
        with as_on_a_gpu():
            trainer = open_trainer(on_the_gpu(accelerator))
        monkeypatch.setattr(
            Objective, "loss", lambda self, unet, batch: loss(self, unet, batch.to("cpu"))
        )
        with as_on_a_gpu(), pytest.raises(RefusedByGpu, match="different devices"):
            trainer._step(0)
