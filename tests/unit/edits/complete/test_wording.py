"""How a caption is worded, and what of it a scene takes over."""

from __future__ import annotations

import random

import pytest

from pipeline.edits.complete.scene_bank import Part, Scene, load_scenes
from pipeline.edits.complete.wording import Wording, in_manner_of, word_scene, wording_of
from pipeline.edits.parse.parsed_caption import parsed_caption


@pytest.mark.parametrize(
    ("text", "main", "expected"),
    [
        ("A painting of a horse standing in a field.", 4,
         Wording("a painting of ", True, False, "", ".", True, 9)),
        ("a chef cooks a meal", 1, Wording("", True, False, "VBZ", "", False, 5)),
        ("a farmer is feeding horses .", 1, Wording("", True, False, "is", " .", False, 5)),
        ("two dogs run", 1, Wording("", False, True, "VBZ", "", False, 3)),
        ("vector dog", 1, Wording("illustration of ", False, False, "", "", False, 2)),
    ],
)  # fmt: skip
def test_the_wording_of_a_caption(parse, text: str, main: int, expected: Wording) -> None:
    assert wording_of(parsed_caption(parse(text)), main, "people") == expected


def test_only_the_living_have_portraits(parse) -> None:
    reading = parsed_caption(parse("portrait of a car"))
    assert wording_of(reading, 3, "road") is None
    assert wording_of(reading, 3, "pets") is not None


def part(text: str) -> Part:
    return Part(text, frozenset(text.split()))


SCENE = Scene(
    who=(part("baker"),),
    like=("old",),
    doing=part("kneading dough"),
    more=(part("with flour"),),
    where=(part("in a kitchen"),),
    alone=True,
)


@pytest.mark.parametrize(
    ("verb", "article", "length", "expected"),
    [
        ("", True, 12, "an old baker kneading dough with flour in a kitchen"),
        ("", True, 5, "a baker kneading dough in a kitchen"),
        ("", False, 6, "baker kneading dough in a kitchen"),
        ("VBZ", True, 7, "a baker kneads dough in a kitchen"),
        ("is", True, 8, "a baker is kneading dough in a kitchen"),
    ],
)
def test_a_scene_is_worded_as_the_caption(
    verb: str, article: bool, length: int, expected: str
) -> None:
    wording = Wording("", article, False, verb, "", False, length)
    assert word_scene(SCENE, set(), wording, load_scenes(), random.Random(0)) == expected


@pytest.mark.parametrize("own", ["kneading", "baker", "kitchen"])
def test_a_scene_that_would_repeat_the_caption_is_not_worded(own: str) -> None:
    wording = Wording("", True, False, "", "", False, 8)
    assert word_scene(SCENE, {own}, wording, load_scenes(), random.Random(0)) is None


@pytest.mark.parametrize(
    ("caption", "text", "written"),
    [
        ("a dog on a rug", "A cat on a Paris roof.", "a cat on a paris roof"),
        ("A dog on a rug.", "a cat on a roof", "A cat on a roof."),
        ("a dog in Paris .", "A cat on a roof.", "a cat on a roof ."),
        ("A DOG ON A RUG", "a cat on a roof.", "A CAT ON A ROOF"),
        ("A Dog On A Rug.", "a cat on a roof", "A Cat On A Roof."),
    ],
)
def test_another_scene_has_the_captions_capitals_and_closing_mark(caption, text, written) -> None:
    assert in_manner_of(caption, text) == written
