"""What captions have at what places."""

from __future__ import annotations

import pytest

from pipeline.edits.lexicon.placements import Placements, kind_of, load_placements

COUNTED = Placements(
    figures={
        "bench": {"under": {"cat": 1, "man": 1}, "on": {"man": 90, "woman": 60}},
        "chair": {"under": {"cat": 4, "rabbit": 3}},
    },
    doings={"bench": {"under": {"sit": 1}}, "chair": {"under": {"sleep": 2}}},
)


@pytest.mark.parametrize(
    ("figure", "ground", "has"),
    [
        ("cat", "bench", True),  # once, and oftener under what is of its kind
        ("rabbit", "chair", True),
        ("man", "bench", False),  # once among many: a wrong parse
        ("elephant", "bench", False),
        ("cat", "riddle", False),
    ],
)
def test_a_thing_is_where_captions_have_its_kind(figure: str, ground: str, has: bool) -> None:
    assert COUNTED.has(figure, "under", ground) is has


def test_a_verb_is_known_at_its_ground_or_twice_at_such_grounds() -> None:
    assert COUNTED.does("sit", "under", "bench")
    assert COUNTED.does("sleep", "under", "bench")
    assert not COUNTED.does("sit", "under", "chair")


def test_people_are_one_kind_and_animals_several() -> None:
    assert kind_of("man") == kind_of("hiker") == "@person"
    assert kind_of("cat") == kind_of("rabbit") != kind_of("elephant")
    assert kind_of("abstraction") == ""


def test_what_is_shipped_knows_common_places() -> None:
    placements = load_placements()
    assert placements.has("cat", "under", "table")
    assert not placements.has("pizza", "under", "plate")
