"""What a caption says of its picture: technique, viewpoint, groups and stand-ins in number."""

from __future__ import annotations

import pytest

from pipeline.edits.apply.proposal import apply
from pipeline.edits.rules.attribute.picture_style import PictureRule
from pipeline.edits.rules.count.rule import CountRule
from pipeline.edits.rules.negation.contrast_number import NumberContrasts
from tests.integration.edits.caption_edits import captions, parse

PICTURES = PictureRule()
COUNTS = CountRule()


@pytest.mark.integration
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pencil drawing of a cow grazing", "photograph of a cow grazing"),
        ("a drawing of sliced lime", "an oil painting of sliced lime"),
        ("illustration of a girl in the park", "photograph of a girl in the park"),
        ("photo of monks in a temple by author", "pencil drawing of monks in a temple by author"),
        ("vector illustration of a banner for holiday.", "oil painting of a banner for holiday."),
        ("a close up of the princess sleeping", "a wide shot of the princess sleeping"),
        ("interiors of a subway train", "exteriors of a subway train"),
        ("the interior of the building", "the exterior of the building"),
        ("animal, galloping herd seen from the rear", "animal, galloping herd seen from the front"),
        (
            "black and white portrait of a groom getting ready",
            "color portrait of a groom getting ready",
        ),
    ],
)
def test_the_picture_is_made_or_taken_otherwise(text: str, expected: str) -> None:
    assert expected in captions(PICTURES, text)


@pytest.mark.integration
@pytest.mark.parametrize(
    "text",
    [
        "handmade illustration of a snake",  # no photograph is handmade
        "interiors of a living room",  # a room has no exterior
        "close-up of the hands of a fly fisherman",
        "analysis of illustration on a blue background",
        "photo by person",
        "car seen from above driving between fields in the summer.",
        "a woman dressed in black and white",
    ],
)
def test_pictures_left_alone(text: str) -> None:
    assert captions(PICTURES, text) == set()


@pytest.mark.integration
def test_pencil_shows_no_colours() -> None:
    found = captions(PICTURES, "photo of a red car")
    assert found == {"oil painting of a red car"}


@pytest.mark.integration
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "group of people smiling for camera at an event",
            "a single person smiling for camera at an event",
        ),
        ("group of horses in a paddock", "a single horse in a paddock"),
        ("herd of wild ducks swimming in the pond", "a single wild duck swimming in the pond"),
        ("person runs through the wilderness.", "two people run through the wilderness."),
        ("hard rock artist speaks onstage.", "two hard rock artists speak onstage."),
    ],
)
def test_groups_and_stand_ins_in_another_number(text: str, expected: str) -> None:
    assert expected in captions(COUNTS, text)


@pytest.mark.integration
@pytest.mark.parametrize(
    "text",
    [
        "a group of friends celebrating together",
        "person says it is time we accept",
        "person celebrates his goal",
        "football player talks to the media during football competition",  # "talks" tagged a noun
    ],
)
def test_numbers_left_alone(text: str) -> None:
    assert not any("single" in found or "people" in found for found in captions(COUNTS, text))
    assert "players talks" not in " ".join(captions(COUNTS, text))


@pytest.mark.integration
@pytest.mark.parametrize(
    ("text", "factual", "caption"),
    [
        (
            "actor attends a special screening.",
            "one actor, not two, attends a special screening.",
            "two actors, not one, attend a special screening.",
        ),
        (
            "three boats on a lake",
            "three boats, not five, on a lake",
            "five boats, not three, on a lake",
        ),
        (
            "view of a mosque",
            "view of one mosque, not three",
            "view of three mosques, not one",
        ),
    ],
)
def test_another_number_is_denied(text: str, factual: str, caption: str) -> None:
    doc = parse(text)
    found = [apply(doc, made) for made in NumberContrasts("negation").wordings(doc)]
    assert (factual, caption) in {(edit.factual, edit.caption) for edit in found}
