"""The learning rate as a function of the step."""

from __future__ import annotations

import math

import pytest

from pipeline.training.loop.optimiser import learning_rate
from pipeline.training.sdxl.config import (
    TrainConfig,
)


class TestLearningRate:
    def test_it_rises_and_falls(self) -> None:
        train = TrainConfig(steps=20, warmup_steps=4, learning_rate=1.0, schedule="cosine")
        rates = [learning_rate(step, train) for step in range(21)]
        assert rates[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
        assert rates[12] == pytest.approx(0.5)
        assert rates[20] == pytest.approx(0.0)
        linear = train.model_copy(update={"schedule": "linear"})
        assert learning_rate(16, linear) == pytest.approx(0.25)
        constant = train.model_copy(update={"schedule": "constant"})
        assert learning_rate(19, constant) == 1.0
        assert math.isfinite(learning_rate(0, train.model_copy(update={"warmup_steps": 0})))
