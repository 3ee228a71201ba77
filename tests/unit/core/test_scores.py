"""Which pictures have which score, and what a picture is drawn for."""

from __future__ import annotations

import pytest

from pipeline.core.errors import StageContractError
from pipeline.core.scores import SCORES, Group, group_of
from tests.unit.shards.shard_records import make_set


def test_a_variant_belongs_to_the_group_of_its_caption() -> None:
    cfset = make_set(0)
    assert group_of(cfset, "control") == Group("control")
    assert group_of(cfset, "min0") == Group("attribute", "colour")
    assert group_of(cfset, "min1") == Group("causal_order", "because")
    assert group_of(cfset, "full0") == Group("full")
    for stranger in ("min2", "full1", "factual", ""):
        with pytest.raises(StageContractError, match=f"has no variant {stranger!r}"):
            group_of(cfset, stranger)


def test_what_compares_with_the_control_is_no_score_of_the_control() -> None:
    of_control = {name for name in SCORES if Group("control").has(name)}
    assert of_control == {"image_text", "nsfw", "contrast", "detail", "questions"}
    assert not Group("full").has("question_edit")
    assert all(Group("count", "number").has(name) for name in SCORES)


def test_every_score_has_a_range() -> None:
    assert all(score.least < score.most and score.meaning for score in SCORES.values())
