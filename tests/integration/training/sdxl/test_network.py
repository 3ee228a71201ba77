"""What is trained, and in which number format."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from safetensors import safe_open

from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.run import run_finetuning

pytestmark = pytest.mark.integration


def test_bfloat16_trains_float32_weights(make_config: Callable[..., FinetuneConfig]) -> None:
    config = make_config(train__mixed_precision="bf16", train__steps=2, export__dtype="float16")
    outcome = run_finetuning(config)
    assert all(np.isfinite(outcome.losses))
    newest = config.folder / "checkpoints" / "step-000002" / "weights.safetensors"
    with safe_open(newest, "pt") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F32"}  # noqa: SIM118
    with safe_open(outcome.weights, "pt") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F16"}  # noqa: SIM118
