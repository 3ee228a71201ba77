"""What is seen in the sky."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.object.skies import SkiesRule


def test_skies_behind_things(rewrite) -> None:
    found = rewrite(SkiesRule(), "sunset at the historic pier.")
    assert set(found) == {
        "a starry night sky at the historic pier.",
        "the midday sun at the historic pier.",
    }


def test_fog_and_a_rainbow_may_come_with_a_sunset(rewrite) -> None:
    found = " ".join(rewrite(SkiesRule(), "sunset over the river"))
    assert "fog" not in found
    assert "rainbow" not in found
    assert "lightning" not in found


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("sunset over the beautiful beach", "a starry night sky over the beautiful beach"),
        ("sunrise over a calm bay on the island", "the midday sun over a calm bay on the island"),
        ("a rainbow over the modern city", "lightning over the modern city"),
        ("the sunset above a city with airplane taking off",
         "a starry night sky above a city with airplane taking off"),
    ],
)  # fmt: skip
def test_skies(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(SkiesRule(), factual)


@pytest.mark.parametrize(
    "factual",
    [
        "sunset over the sea with orange clouds",
        "a couple watching the sunset over the sea",
        "sunset",
        "how to photograph sunset over the sea",
    ],
)
def test_skies_that_stay(rewrite, factual: str) -> None:
    assert rewrite(SkiesRule(), factual) == []
