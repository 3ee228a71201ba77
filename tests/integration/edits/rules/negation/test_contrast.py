"""Wordings negated on both sides."""

from __future__ import annotations

import pytest

from tests.integration.edits.caption_edits import edits
from tests.integration.edits.rules.negation.both_sides import CONTRAST

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("a man on a horse", ("horse", "on")),
        ("a dog running on the beach", ("dog", "beach", "running")),
        ("a woman holding a cup", ("cup",)),
        ("a red car", ("car", "red")),
        ("a man sitting on a bench", ("sitting", "bench", "on")),
    ],
)
def test_both_sides_deny_something(text: str, phrases: tuple[str, ...]) -> None:
    found = edits(CONTRAST, text)
    assert found
    for edit in found:
        for side in (edit.factual, edit.caption):
            assert any(word in side for word in ("not ", "rather than ", "instead of "))
        said, _, denied = edit.old.partition(", not ")
        assert said in (*phrases, "one")
        assert edit.new == f"{denied}, not {said}"


@pytest.mark.parametrize(
    ("text", "adjective"),
    [("a large sign marks the northern end", "large"), ("entertainment in a small yard", "small")],
)
def test_a_quality_is_denied_beside_its_opposite(text: str, adjective: str) -> None:
    (edit,) = [e for e in edits(CONTRAST, text) if e.rule.endswith("quality")]
    denied = edit.new.split(",")[0]
    assert f"{adjective}, not {denied}," in edit.factual
    assert f"{denied}, not {adjective}," in edit.caption


@pytest.mark.parametrize(
    "text",
    [
        "a young woman near a house",
        "yellow, red and large leaves, small stones, and sand",
        "a very large sign at the end",
    ],
)
def test_age_lists_and_degrees_are_not_denied(text: str) -> None:
    assert not [e for e in edits(CONTRAST, text) if e.rule.endswith("quality")]
