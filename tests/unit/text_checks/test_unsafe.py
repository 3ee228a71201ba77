from __future__ import annotations

import pytest

from pipeline.text_checks.unsafe import load_unsafe_terms


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("a naked woman on a beach", "sexual"),
        ("two Nude  Models in a studio", "sexual"),
        ("ｐｏｒｎ on a screen", "sexual"),
        ("soldiers beheading a prisoner", "gore"),
        ("a man lying in a pool of blood", "gore"),
        ("a girl about to kill herself", "self_harm"),
        ("suicide squad fans see a suicide", "self_harm"),
    ],
)
def test_unsafe_text_is_found(text: str, area: str) -> None:
    found = load_unsafe_terms().find(text)
    assert found is not None
    assert found.startswith(f"{area}: ")


@pytest.mark.parametrize(
    "text",
    [
        "nude lipstick and a nude dress",
        "a planet visible to the naked eye",
        "a naked tree in winter",
        "grilled chicken breast with blood orange",
        "a rooster, or cock, on a fence",
        "a yellow field of rape under a blue sky",
        "a maine coon cat on a sofa",
        "suicide squad poster",
        "a therapist with a patient",
        "a basement in essex",
        "a bloody mary on the bar",
        "fire retardant curtains",
        "a bust of the emperor",
        "sunlight falls through a chink in the wall",
    ],
)
def test_harmless_text_passes(text: str) -> None:
    assert load_unsafe_terms().find(text) is None
