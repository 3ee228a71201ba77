"""Groups of pictures by what they were drawn for."""

from __future__ import annotations

import pytest

from pipeline.core.errors import StageContractError
from pipeline.core.records import EditKind
from pipeline.core.scores import Group, group_of
from tests.unit.checks.checks_records import make_set


def test_every_picture_of_a_set_has_a_group() -> None:
    edits = ("red", "blue", EditKind.ATTRIBUTE), ("dog", "cat", EditKind.OBJECT)
    cfset = make_set("a red dog on the grass", *edits, full=["a cat in a kitchen"])
    assert group_of(cfset, "control") == Group("control")
    assert group_of(cfset, "full0") == Group("full")
    assert len(cfset.minimal) == 2
    for index, edit in enumerate(cfset.minimal):
        assert group_of(cfset, f"min{index}") == Group(str(edit.kind), edit.subkind)
    with pytest.raises(StageContractError, match="no variant 'min9'"):
        group_of(cfset, "min9")
