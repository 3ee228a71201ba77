"""Cause and effect: of a stated, or of a composed sentence."""

from __future__ import annotations

import pytest

from pipeline.core.records import EditKind, Role
from pipeline.edits.rules.causal.rule import CausalRule
from tests.integration.edits.caption_edits import captions, edits

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


def test_the_commonest_pattern_leaves_captions_to_others() -> None:
    places = ("beach", "sea", "lake", "river", "city", "field", "mountain", "village", "forest")
    found = [captions(RULE, f"{place} at sunset in {n}") for place in places for n in range(8)]
    assert 0.25 < sum(map(bool, found)) / len(found) < 0.75
