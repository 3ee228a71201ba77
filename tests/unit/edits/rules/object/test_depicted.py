"""Things change where a picture shows them."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.object.rule import ObjectRule


@pytest.mark.parametrize(
    "factual",
    [
        "a little light rain before the concert",
        "a view from the villa",
        "the man is accused of stealing a car",
        "a city offers direct flights",
        "people waiting for the bus",
        "propeller of a passenger plane",
        "children who hope to see a lion",
        "some jellyfish are bioluminescent",
        "a red helmet for boxing",
        "you can see the lake",
        "a photo taken by a tourist",
        "a trophy in the town square",
        "tomatoes at the farmer's market",
        "the walking bridge over the stream",
        "a game that all brothers can play",
        "a cake for $10",
    ],
)
def test_what_is_not_depicted_stays(rewrite, factual: str) -> None:
    assert rewrite(ObjectRule(), factual) == []


def test_who_is_on_an_animal_rides_it(rewrite) -> None:
    found = rewrite(ObjectRule(), "cats in helmets on horses")
    assert found
    assert all(caption.endswith(" on horses") for caption in found)


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("a view of the city", "a view of the village"),
        ("a bird on a branch", "a squirrel on a branch"),
        ("a statue of a lion", "a statue of an elephant"),
        ("a girl with a glass of milk", "a girl with a bottle of milk"),
        ("cats on the roof", "cats on the porch"),
    ],
)
def test_what_is_depicted_changes(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(ObjectRule(), factual)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("image may contain : person , on stage , playing a musical instrument and guitar",
         "guitar", "violin"),
        ("person prepares to don her helmet .", "helmet", "baseball cap"),
        ("picturesque scene of cows on a meadow .", "cows", "goats"),
    ],
)  # fmt: skip
def test_what_is_pictured_listed_or_begun_is_seen(
    replacements, text: str, old: str, new: str
) -> None:
    assert new in replacements(ObjectRule(), text, old)
