"""Relations in fixed words."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.relation.rule import RelationRule
from tests.integration.edits.caption_edits import captions

pytestmark = pytest.mark.integration
RULE = RelationRule()


def test_both_background_and_foreground_are_left_alone() -> None:
    text = "boats in the foreground and mountains in the background"
    assert captions(RULE, text) == set()
