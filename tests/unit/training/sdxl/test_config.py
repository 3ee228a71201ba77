"""Settings that cannot be meant, and those that decide what is learned."""

from __future__ import annotations

import pytest

from pipeline.core.errors import ConfigError
from pipeline.training.sdxl.config import (
    FinetuneConfig,
    load_finetune_config,
)


class TestSettings:
    def test_a_wrong_key_is_named_with_its_neighbour(self) -> None:
        with pytest.raises(ConfigError, match=r"did you mean train\.learning_rate\?"):
            load_finetune_config({"train.learning_rat": 1e-3})

    def test_centre_crops_do_not_differ(self) -> None:
        with pytest.raises(ConfigError, match="all center crops are the same"):
            load_finetune_config({"pictures.crops": 2})

    def test_a_warmup_leaves_room_for_the_schedule(self) -> None:
        with pytest.raises(ConfigError, match="leaves none of the 50 steps"):
            load_finetune_config({"train.steps": 50, "train.schedule": "cosine"})

    def test_more_steps_are_the_same_training_only_at_a_constant_rate(self) -> None:
        def product(schedule: str, steps: int) -> dict[str, object]:
            flags = {"train.schedule": schedule, "train.steps": steps, "train.warmup_steps": 1}
            return dict(load_finetune_config(flags).product())

        assert product("constant", 10) == product("constant", 20)
        assert product("cosine", 10) != product("cosine", 20)

    def test_every_setting_is_described(self) -> None:
        for name, field in FinetuneConfig.model_fields.items():
            section = type(field.default)
            for key, inner in getattr(section, "model_fields", {name: field}).items():
                assert inner.description, f"{name}.{key}"
