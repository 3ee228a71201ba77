"""Contrasts of things."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.negation.rule import NegationRule
from tests.integration.edits.caption_edits import edits, proposals
from tests.integration.edits.rules.negation.both_sides import CONTRAST

pytestmark = pytest.mark.integration
RULE = NegationRule()


def test_a_camera_that_is_looked_into_is_not_contrasted() -> None:
    found = edits(CONTRAST, "a cat looking at a camera")
    assert any(edit.old.startswith("cat, not") for edit in found)
    assert not any("camera" in edit.old for edit in found)


def test_a_contrast_does_not_take_what_follows_from_its_noun() -> None:
    for text in ("a man driving a motorcycle with a trailer", "a fox with pink hair in a forest"):
        found = edits(CONTRAST, text)
        assert found
        assert not any("rather than" in edit.factual for edit in found)


def test_a_contrast_may_offer_several_denied_things() -> None:
    text = "a dog on a beach"
    one = [p for p in proposals(RULE, text) if p.wording is not None]
    several = [p for p in proposals(NegationRule(3), text) if p.wording is not None]
    assert len(one) == 1
    assert 1 < len({p.new for p in several}) <= 3
    assert {p.place for p in several} == {one[0].place}
    assert several[0].new == one[0].new
