"""Contrasts of things."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.negation.rule import NegationRule
from tests.integration.edits.caption_edits import edits, proposals
from tests.integration.edits.rules.negation.both_sides import CONTRAST

pytestmark = pytest.mark.integration
RULE = NegationRule()


def test_a_camera_that_is_looked_into_is_not_contrasted() -> None:
    for edit in edits(CONTRAST, "a cat looking at a camera"):
        assert "camera" not in edit.old


def test_a_contrast_does_not_take_what_follows_from_its_noun() -> None:
    for text in ("a man driving a motorcycle with a trailer", "a fox with pink hair in a forest"):
        for edit in edits(CONTRAST, text):
            where = edit.factual.find("rather than")
            assert where < 0 or "sitting" in edit.factual


def test_a_contrast_may_offer_several_denied_things() -> None:
    text = "a dog on a beach"
    one = [p for p in proposals(RULE, text) if p.wording is not None]
    several = [p for p in proposals(NegationRule(3), text) if p.wording is not None]
    assert len(one) == 1
    assert len({p.new for p in several}) == 3
    assert {p.place for p in several} == {one[0].place}
    assert several[0].new == one[0].new
