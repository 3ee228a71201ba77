"""What is written at the end is what the renderer draws with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors import safe_open

from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.run import run_finetuning
from tests.integration.training.sdxl.drawn import (
    DRAWING,
    PROMPTS,
    SEEDS,
    Trained,
    cells,
    difference,
    draw,
)

pytestmark = pytest.mark.integration


def test_the_renderer_draws_with_it_what_the_last_grid_shows(trained: Trained) -> None:
    """So rank, alpha, averaged weights and names are all written as they were trained."""
    config, outcome = trained
    plain = draw(model=config.model)
    tuned = draw(model=config.model, lora=({"path": str(config.folder)},))
    assert outcome.grid is not None
    assert difference(tuned, cells(outcome.grid)) <= 2
    assert difference(plain, cells(config.folder / "validation" / "step-000000.png")) <= 2
    assert difference(tuned, plain) > 60


def test_the_file_is_plain_float32_with_its_settings(trained: Trained) -> None:
    config, outcome = trained
    assert outcome.weights == config.folder / "pytorch_lora_weights.safetensors"
    with safe_open(outcome.weights, "pt") as file:
        assert all(name.startswith("unet.") for name in file.keys())  # noqa: SIM118
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F32"}  # noqa: SIM118
        settings = json.loads(file.metadata()["lora_adapter_metadata"])
    assert (settings["unet.r"], settings["unet.lora_alpha"]) == (8, 12.0)


def test_all_weights_become_a_pipeline_folder(make_config: Callable[..., FinetuneConfig]) -> None:
    config = make_config(
        method="full",
        train__steps=3,
        train__learning_rate=1e-3,
        train__ema_decay=None,
        validation__every=3,
        validation__prompts=list(PROMPTS),
        validation__seeds=list(SEEDS),
        validation__steps=DRAWING["steps"],
        validation__guidance_scale=DRAWING["guidance_scale"],
    )
    outcome = run_finetuning(config)
    assert outcome.weights == config.folder / "model"
    assert outcome.trained > 1_000_000
    assert outcome.grid is not None
    tuned = draw(model=str(outcome.weights))
    assert difference(tuned, cells(outcome.grid)) <= 2
    assert difference(tuned, draw(model=config.model)) > 20
    for part in ("vae", "text_encoder", "text_encoder_2", "tokenizer", "scheduler"):
        for file in (Path(config.model) / part).iterdir():
            assert (outcome.weights / part / file.name).read_bytes() == file.read_bytes()
