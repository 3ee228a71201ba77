"""Qualities in fixed phrases."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.attribute.fixed_phrases import PhraseScaleRule


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("tabby cat indoors on a hardwood floor", "tabby cat outdoors on a hardwood floor"),
        ("tabby cat indoors on a hardwood floor", "tabby cat indoors on a marble floor"),
        ("man sitting outside having a tea", "man sitting inside having a tea"),
        ("panels on a house under construction.", "panels on a house in ruins."),
        ("bottles of white wine on a bar", "bottles of red wine on a bar"),
        ("man playing an acoustic guitar in the woods",
         "man playing an electric guitar in the woods"),
        ("stained - glass window in a church", "clear-glass window in a church"),
        ("portrait of a happy red-haired girl", "portrait of a happy blonde girl"),
        ("the girl running to the camera, low angle view, through the forest",
         "the girl running to the camera, high angle view, through the forest"),
        ("winding path to the lighthouse", "straight path to the lighthouse"),
    ],
)  # fmt: skip
def test_a_fixed_phrase_is_exchanged(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(PhraseScaleRule("balanced"), factual)


@pytest.mark.parametrize(
    "factual",
    [
        # the noun belongs to another one
        "a curvy highway sign on the main access road",
        # the adjective shares its noun
        "old wood and wire fence",
        # a scale of attributes.toml changes it
        "a wooden bench in the park",
        "autumn represents a striking change in color in landscapes and gardens.",
        "new year background with dogs in costume.",
        "for the dimly lit corner, add a stylish floor lamp for extra light!",
        "this box was left outside the house",
    ],
)
def test_a_phrase_that_its_context_holds_stays(rewrite, factual: str) -> None:
    assert rewrite(PhraseScaleRule("balanced"), factual) == []


def test_age_goes_with_the_policy(rewrite) -> None:
    text = "middle aged man leaning on a graffiti wall in the city"
    found = rewrite(PhraseScaleRule("balanced"), text)
    assert "elderly man leaning on a graffiti wall in the city" in found
    assert rewrite(PhraseScaleRule("off"), text) == []
