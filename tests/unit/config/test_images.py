"""Image settings that cannot go together, or bound nothing, are explained."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.config.images import ImagesConfig
from pipeline.config.loading import load_config
from pipeline.core.errors import ConfigError


def images(**flags: Any) -> ImagesConfig:
    return load_config({f"images.{key}": value for key, value in flags.items()}, environ={}).images


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"block_cache_interval": 2, "steps": 4}, "more than 4 steps"),
        ({"block_cache_interval": 2, "compile": "full"}, "compile regional or off"),
        ({"fuse_qkv": "on", "lora": [{"path": "x"}]}, "leave the LoRA weights out"),
        ({"cpu_offload": True, "compile": "regional"}, "use one of the two"),
    ],
)
def test_ways_to_speed_up_that_exclude_each_other_are_refused(
    flags: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        images(**flags)


@pytest.mark.parametrize(
    "flags",
    [
        {"block_cache_interval": 2, "compile": "regional"},
        {"fuse_qkv": "on", "lora": [{"path": "x"}], "fuse_lora": True},
        {"cpu_offload": True},
    ],
)
def test_what_the_message_offers_is_accepted(flags: dict[str, Any]) -> None:
    found = images(**flags)
    assert all(getattr(found, key) == value for key, value in flags.items() if key != "lora")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"fractions": {"colour": (0.1, 0.2, 0.3)}}, "fractions.colour: begin with one of object"),
        ({"fractions": {"count.two": (0.1, 0.2, 1.3)}}, "fractions.count.two: fractions lie bet"),
        ({"candidate_self_attention": (0.9, 0.1)}, "candidate_self_attention: 0.9 is above 0.1"),
        ({"candidate_appearance": (-0.1, 0.1)}, "candidate_appearance: fractions lie between"),
        ({"candidates": 2, "candidate_seeds": 3}, "3 noises for 2 candidates"),
        (
            {"candidates": 4, "candidate_seeds": 2, "strategy": "same_noise"},
            "would hold the same picture twice",
        ),
        ({"width_px": 100}, "images.width_px"),
    ],
)
def test_fractions_and_candidates_that_make_no_sense_are_refused(
    flags: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        images(**flags)


def test_fractions_of_a_kind_and_of_a_subkind_stand_side_by_side() -> None:
    given = {"attribute": (0.1, 0.2, 0.3), "attribute.colour": (0.0, 1.0, 0.5)}
    assert images(fractions=given).fractions == given
