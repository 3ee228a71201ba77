"""Two things in a one-way relation in space exchange places."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.swap.rule import SwapRule
from tests.integration.edits.caption_edits import edits

pytestmark = pytest.mark.integration
RULE = SwapRule()


@pytest.mark.parametrize(
    "text", ["a squirrel on a bench in a park", "a cat on a chair", "a bird on a branch"]
)
def test_nothing_large_lies_on_an_animal(text: str) -> None:
    assert not edits(RULE, text)
