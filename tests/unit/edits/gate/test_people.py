"""Race, religion and disability are never edited; gender and age as the setting says."""

from __future__ import annotations

import pytest

from pipeline.core.records import CaptionEdit, EditKind, Replacement
from pipeline.edits.gate import people


@pytest.mark.parametrize(
    ("factual", "caption"),
    [
        ("a young man in a park", "a black man in a park"),
        ("a woman in a park", "a muslim woman in a park"),
        ("a chinese woman in a park", "an indian woman in a park"),
        ("a man on a bicycle", "a man in a wheelchair"),
        ("the old man smiles", "the blind old man smiles"),
        ("a mosque on a hill", "a church on a hill"),
        ("nuns in a street", "women in a street"),
    ],
)
def test_what_is_never_edited(factual: str, caption: str) -> None:
    fault = people.characteristic_fault(factual, caption)
    assert fault is not None
    assert fault.reason == "text.protected_characteristic"


@pytest.mark.parametrize(
    ("factual", "caption"),
    [
        ("a white dress on a woman", "a black dress on a woman"),
        ("a brown dog and a man", "a white dog and a man"),
        ("an indian dish", "a chinese dish"),
        ("wearing a black dress as she arrives", "wearing a red dress as she arrives"),
        ("a church on a hill", "a school on a hill"),
        ("a muslim woman in a red dress", "a muslim woman in a blue dress"),
        ("a rabbit in the grass", "a hare in the grass"),
    ],
)
def test_colours_of_things_and_other_words_are_free(factual: str, caption: str) -> None:
    assert people.characteristic_fault(factual, caption) is None


def test_a_scene_may_leave_people_out_and_bring_none_of_it_in() -> None:
    anchor = "a muslim woman on a beach"
    assert people.introduced_characteristic(anchor, "a man on a boat") is None
    assert people.introduced_characteristic("a man on a boat", anchor) is not None


def edit(old: str, new: str, rest: str = " in a park") -> CaptionEdit:
    piece = Replacement(2, 2 + len(old), old, new)
    return CaptionEdit(EditKind.OBJECT, "x", f"a {old}{rest}", (piece,), old, new)


@pytest.mark.parametrize(
    ("old", "new", "rest"),
    [("man", "woman", " in a park"), ("boy", "girl", " in a park"), ("child", "adult", " there"),
     ("young", "elderly", " woman in a park"), ("father", "mother", " there")],
)  # fmt: skip
def test_gender_and_age_are_not_edited_where_that_is_off(old: str, new: str, rest: str) -> None:
    assert people.demographic_fault(edit(old, new, rest), "off") is not None
    assert people.demographic_fault(edit(old, new, rest), "allow") is None


@pytest.mark.parametrize(
    ("old", "new", "rest"),
    [("man", "dog", " in a park"), ("old", "new", " car in a park"), ("cat", "dog", " and a man")],
)
def test_other_edits_are_none_of_people(old: str, new: str, rest: str) -> None:
    assert people.demographic_fault(edit(old, new, rest), "off") is None


def test_the_commoner_direction_is_thinned_where_it_shall_be_balanced() -> None:
    kept = {"boy": 0, "girl": 0}
    for number in range(300):
        for old, new in (("boy", "girl"), ("girl", "boy")):
            one = edit(old, new, f" with {number} balloons")
            kept[old] += people.demographic_fault(one, "balanced") is None
    assert kept["boy"] == 300
    assert 300 * 0.3 < kept["girl"] < 300 * 0.6


def test_another_scene_keeps_to_it_too() -> None:
    anchor = "an old man under an umbrella"
    assert people.demographic_scene_fault(anchor, "an old woman in a boat", "off") is not None
    assert people.demographic_scene_fault(anchor, "an old man in a boat", "off") is None
    assert people.demographic_scene_fault(anchor, "an old woman in a boat", "balanced") is None
    assert people.demographic_scene_fault("a dog in a park", "a girl in a boat", "off") is None
