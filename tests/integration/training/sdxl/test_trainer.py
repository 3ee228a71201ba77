"""A real training of a tiny model: it learns, keeps checkpoints, and says when it diverges."""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import mean

import pytest

from pipeline.core.errors import PermanentError
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.run import run_finetuning
from tests.integration.training.sdxl.drawn import (
    PROMPTS,
    SEEDS,
    Trained,
    cells,
    difference,
    draw,
)

pytestmark = pytest.mark.integration


def test_the_loss_falls_well(trained: Trained) -> None:
    losses = trained[1].losses
    assert len(losses) == 90
    assert mean(losses[-15:]) < 0.55 * mean(losses[:10])
    journal = (trained[0].folder / "losses.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["step"] for line in journal] == list(range(1, 91))
    assert [json.loads(line)["loss"] for line in journal] == list(losses)


def test_it_learned_the_colours(trained: Trained) -> None:
    grid = trained[1].grid
    assert grid is not None
    drawn = cells(grid)
    for seed in SEEDS:
        red, blue = (drawn[prompt, seed].mean(axis=(0, 1)) for prompt in PROMPTS)
        assert red[0] - red[2] > blue[0] - blue[2], "the red wall is redder than the blue sky"


def test_a_checkpoint_can_be_drawn_with_and_the_last_two_are_kept(trained: Trained) -> None:
    config, _ = trained
    kept = sorted(path.name for path in (config.folder / "checkpoints").iterdir())
    assert kept == ["step-000080", "step-000090"]
    last = config.folder / "checkpoints" / "step-000090"
    final = draw(model=config.model, lora=({"path": str(config.folder)},))
    assert difference(draw(model=config.model, lora=({"path": str(last)},)), final) == 0


def test_a_training_that_diverges_says_so(make_config: Callable[..., FinetuneConfig]) -> None:
    config = make_config(train__learning_rate=1e30, train__steps=20)
    with pytest.raises(PermanentError, match=r"has diverged.*train\.learning_rate"):
        run_finetuning(config)
