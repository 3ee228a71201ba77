"""What decides a training, what a resume may alter, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import ConfigError
from pipeline.training.vlm.finetune.config import OPERATIONAL, load_vlm_config


def test_flags_win_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "vlm.toml"
    file.write_text('objective = "neg_clip"\n[train]\nsteps = 7\nwarmup_steps = 1\n')
    config = load_vlm_config({"train.steps": 9, "weights.edit_weight": 2.0}, file=file)
    assert (config.objective, config.train.steps) == ("neg_clip", 9)
    assert config.weights == {"edit_weight": 2.0}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"objective": "clip"}, "no loss is called 'clip'; there are causal_clip"),
        ({"objective": "neutral"}, "by itself makes all texts the same; set neutral_weight"),
        ({"sets.kinds": ["colour"]}, "no kinds: colour; there are object"),
        ({"train.steps": 50, "train.warmup_steps": 50}, "leaves none of the 50 steps"),
        ({"trian.steps": 5}, "trian"),
        ({"output": "s3://bucket/model"}, "local folder"),
    ],
)
def test_what_cannot_be_is_refused(flags: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_vlm_config(flags)


def test_a_resume_may_alter_where_it_runs_and_not_what_it_learns() -> None:
    product = load_vlm_config({}).product()
    assert not OPERATIONAL & product.keys()
    assert not [key for key in product if key.startswith(("validation.", "lora."))]
    assert {"objective", "seed", "model", "train.learning_rate", "sets.max_edits"} <= product.keys()
    assert "lora.rank" in load_vlm_config({"method": "lora"}).product()
    weighted = load_vlm_config({"weights.edit_weight": 2.0}).product()
    assert weighted["weights.edit_weight"] == 2.0
    longer = load_vlm_config({"train.schedule": "constant", "train.steps": 5}).product()
    assert "train.steps" not in longer, "it may go on where the rate does not depend on the end"


def test_a_checkpoint_from_before_neutral_variants_is_gone_on_with() -> None:
    product = load_vlm_config({}).product()
    assert not {"neutral_weight", "sets.max_neutral"} & product.keys()
    weighed = load_vlm_config({"neutral_weight": 10.0}).product()
    assert weighed == product | {"neutral_weight": 10.0, "sets.max_neutral": 1}


def test_the_default_objective_is_the_one_that_helped_most_in_the_ablation() -> None:
    assert load_vlm_config({}).objective == "triplet_clip"
