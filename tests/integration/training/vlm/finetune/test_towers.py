"""A batch through both sides: gradients reach both, and the loss gets what it asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pipeline.core.errors import ConfigError
from pipeline.training.vlm.finetune.batches import EndlessBatches
from pipeline.training.vlm.finetune.config import TRAINABLE, load_vlm_config
from pipeline.training.vlm.finetune.model import open_trained_model
from pipeline.training.vlm.finetune.towers import loss_of, make_towers

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("objective", sorted({*TRAINABLE} - {"siglip"}))
def test_gradients_reach_both_sides(run: Path, objective: str) -> None:
    """Of all but siglip, which needs a model with a bias."""
    config = load_vlm_config(
        {"run": str(run), "model": "builtin:world", "objective": objective, "sets.split": "all",
         "train.batch_size": 8}
    )  # fmt: skip
    model = open_trained_model(config)
    features = make_towers(model)(next(EndlessBatches(config, model, 0, 1)), "cpu")
    loss = loss_of(config, features)["loss"]
    loss.backward()
    assert torch.isfinite(loss)
    for side in ("vision_model", "text_model"):
        grads = [w.grad for n, w in model.module.named_parameters() if n.startswith(side)]
        assert any(grad is not None and grad.abs().sum() > 0 for grad in grads), side


def test_numbers_of_the_loss_can_be_set(run: Path) -> None:
    flags = {"run": str(run), "model": "builtin:world", "sets.split": "all", "train.batch_size": 8,
             "objective": "cf_vlm"}  # fmt: skip
    config = load_vlm_config(flags)
    model = open_trained_model(config)
    with torch.no_grad():
        features = make_towers(model)(next(EndlessBatches(config, model, 0, 1)), "cpu")
        plain = loss_of(config, features)
        only = {"weights.scene_weight": 0.0, "weights.edit_weight": 0.0}
        aligned = loss_of(load_vlm_config(flags | only), features)
    assert plain["loss"] > aligned["loss"]
    assert torch.allclose(aligned["loss"], aligned["align"])
    with pytest.raises(ConfigError, match="cf_vlm has no number 'margin'; it has align_weight"):
        loss_of(load_vlm_config(flags | {"weights.margin": 1.0}), features)


def test_other_words_that_move_the_score_cost_what_their_weight_says(run: Path) -> None:
    flags = {"run": str(run), "model": "builtin:world", "sets.split": "all", "train.batch_size": 8}
    config = load_vlm_config(flags | {"neutral_weight": 50.0})
    model = open_trained_model(config)
    with torch.no_grad():
        features = make_towers(model)(next(EndlessBatches(config, model, 0, 1)), "cpu")
    assert features["neutral_mask"].any()
    plain, weighed = loss_of(load_vlm_config(flags), features), loss_of(config, features)
    assert "neutral" not in plain
    assert weighed["neutral"] > 0
    assert weighed["neutral_difference"] > 0
    assert torch.allclose(weighed["loss"], plain["loss"] + 50 * weighed["neutral"])
