"""Two qualities exchange places."""

from __future__ import annotations

import pytest

from pipeline.core.records import Role
from pipeline.edits.rules.swap.rule import SwapRule
from tests.integration.edits.caption_edits import edits

pytestmark = pytest.mark.integration
RULE = SwapRule()


def test_articles_are_repaired_behind_a_quality() -> None:
    (edit,) = edits(RULE, "an orange ball on a red background") or edits(
        RULE, "an orange ball on a blue background"
    )
    assert edit.caption == "a blue ball on an orange background"
    assert [p.role for p in edit.replacements].count(Role.EDIT) == 2
    assert [p.role for p in edit.replacements].count(Role.REPAIR) == 2
