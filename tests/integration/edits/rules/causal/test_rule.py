"""Cause and effect: of a stated, or of a composed sentence."""

from __future__ import annotations

import pytest

from pipeline.core.records import EditKind, Role
from pipeline.edits.rules.causal.rule import CausalRule
from tests.integration.edits.caption_edits import captions, edits, proposals

pytestmark = pytest.mark.integration
RULE = CausalRule()


def test_a_mined_statement_is_swapped_with_its_own_wording() -> None:
    (edit,) = edits(RULE, "the storm causes damage to houses.")
    assert (edit.kind, edit.subkind) == (EditKind.CAUSAL_ORDER, "mined")
    assert edit.factual == "the storm causes damage to houses."
    assert edit.caption == "damage to houses causes the storm."


def test_only_cause_and_effect_differ_never_the_connective() -> None:
    for text in ("a flag waving in the wind", "a car covered with snow", "orange sky at sunset"):
        found = edits(RULE, text)
        assert found
        for edit in found:
            decisive = [p for p in edit.replacements if p.role is Role.EDIT]
            assert len(decisive) == 2
            kept = edit.factual[decisive[0].end : decisive[1].start].split()
            first, last = edit.caption_spans[0][1], edit.caption_spans[-1][0]
            assert len(edit.caption[first:last].split()) == len(kept)


def test_an_effect_that_is_also_a_sign_is_not_joined_by_so() -> None:
    nouns = ("street", "car", "window", "flower", "roof", "field", "umbrella", "rose", "park")
    for noun in nouns:
        found = edits(RULE, f"a {noun} in the rain")
        assert found
        for edit in found:
            assert ", so " not in edit.factual


def test_only_effects_that_are_things_are_caused_as_nouns() -> None:
    for noun in ("street", "beach", "forest", "garden", "park", "field", "city", "road"):
        (edit,) = edits(RULE, f"a {noun} on a sunny day")
        assert edit.factual.startswith(f"the {noun} is bright")


def test_the_commonest_patterns_are_wanted_of_a_share_of_the_captions_only() -> None:
    for text, most in (("a beach at sunset", 0.3), ("a man playing in the snow", 0.3)):
        (proposal,) = proposals(RULE, text)
        assert proposal.share <= most
    (rare,) = proposals(RULE, "a flag waving in the wind")
    assert rare.share == 1


def test_a_reversal_that_may_be_true_as_well_is_not_made() -> None:
    assert not captions(RULE, "cars stuck in a traffic jam")


def test_the_one_ground_of_a_scene_is_no_ground_among_others() -> None:
    (edit,) = edits(RULE, "ground covered with snow in a park")
    assert "the ground is covered with snow" in edit.factual or "the snow on the ground" in (
        edit.factual
    )
