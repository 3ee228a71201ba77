"""What a caption says of its picture as a whole."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.attribute.picture_style import PictureRule
from tests.integration.edits.caption_edits import captions

PICTURES = PictureRule()


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
