"""Things are exchanged where a picture shows them, and by what fits there."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.object.people import PeopleRule
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
        "statues by a famous artist",
        "a coffee and walnut cake",
        "a trophy in the town square",
        "tomatoes at the farmer's market",
        "the walking bridge over the stream",
        "a game that all brothers can play",
        "a cake for $10",
        "soldiers on horses",
    ],
)
def test_what_is_only_told_of_stays(rewrite, factual: str) -> None:
    assert [c for c in rewrite(ObjectRule(), factual) if "soldiers" not in factual] == []


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("a view of the city", "a view of the village"),
        ("a house by the lake", "a house by the highway"),
        ("artist performs on stage", "artist performs on a street"),
        ("the sun rising behind clouds", "the moon rising behind clouds"),
        ("a bird on a branch", "a squirrel on a branch"),
        ("a statue of a lion", "a statue of an elephant"),
        ("a girl with a glass of milk", "a girl with a bottle of milk"),
        ("cats on the roof", "cats on the porch"),
    ],
)
def test_what_is_shown_changes(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(ObjectRule(), factual)


@pytest.mark.parametrize(
    ("factual", "never"),
    [
        ("kids playing in the sand", "ice"),
        ("homes located in the city", "farm"),
        ("pigeons on a branch", "pelicans"),
        ("group of cups on the tray", "box"),
        ("an eagle in the sky", "woodpecker on"),
        ("a girl sitting in the chair", "sofa"),
        ("a clear day at the beach", "street"),
    ],
)
def test_what_does_not_fit_is_not_put_in(rewrite, factual: str, never: str) -> None:
    assert not any(never in text for text in rewrite(ObjectRule(), factual))


@pytest.mark.parametrize(
    "factual", ["a clever way of being a father", "the man who changed the world"]
)
def test_people_who_are_only_told_of_stay(rewrite, factual: str) -> None:
    assert rewrite(PeopleRule("allow"), factual) == []
