"""Captions in capitals or Title Case are known as such, and others are left as they are."""

from __future__ import annotations

import pytest

from pipeline.core.records import CaptionEdit, EditKind, Replacement
from pipeline.edits.apply.case import in_case_of, letter_case, lower_beginning


@pytest.mark.parametrize(
    "caption",
    [
        "a dog on a rug",
        "A dog on a rug.",
        "A man in New York riding a horse",
        "Statue of Liberty in New York",
        "Golden Gate Bridge in San Francisco",
        "A STOP sign and a BLACK dog",
        "Red Dress | women wearing a red dress",
        "Tower of Beijing Opera in China",
        "A TV",
        "Dog",
        "",
        "3 2 1",
    ],
)
def test_an_ordinary_caption_has_no_style(caption: str) -> None:
    assert letter_case(caption) is None


@pytest.mark.parametrize(
    ("caption", "text", "written"),
    [
        ("A DOG ON A RUG", "a cat next to a rug", "A CAT NEXT TO A RUG"),
        ("STRASSE IN GREEN", "a straße", "A STRAßE"),
        ("A Cat Under A Table", "a dog next to a table", "A Dog Next To A Table"),
        ("Two Dogs Running on the Beach", "a dog on the sofa", "A Dog on the Sofa"),
        ("Man Riding A BMX Bike", "woman riding a bmx bike", "Woman Riding A BMX Bike"),
        ("Red Apples", "green apples", None),
    ],
)
def test_what_is_written_has_the_captions_letters(caption, text, written) -> None:
    case = letter_case(caption)
    assert (case and case.written(text)) == written


@pytest.mark.parametrize("caption", ["A DOG ON A RUG", "İSTANBUL AND A DOG", "A Dog On A Rug"])
def test_the_plain_text_is_as_long(caption: str) -> None:
    case = letter_case(caption)
    assert case is not None
    assert len(case.plain) == len(caption)


def test_an_edit_keeps_its_places() -> None:
    case = letter_case("An Old Dog On A Rug")
    assert case is not None
    pieces = (Replacement(0, 6, "an old", "a young"), Replacement(11, 13, "on", "next to"))
    plain = CaptionEdit(EditKind.SWAP, "x", case.plain, pieces, "old", "young")
    made = case.edit(plain)
    assert made.factual == "An Old Dog On A Rug"
    assert made.caption == "A Young Dog Next To A Rug"


@pytest.mark.parametrize(
    ("text", "old", "new", "written"),
    [
        ("a woman in a Red dress", "Red", "blue", "Blue"),
        ("a BLACK dog", "BLACK", "white", "WHITE"),
        ("A TV on a table", "TV", "radio", "radio"),
        ("Red car on a street", "Red", "blue", "blue"),
        ("Red car on a street", "car", "bus", "bus"),
        ("a dog on a rug", "dog", "German shepherd", "german shepherd"),
        ("A dog on a rug", "dog", "German shepherd", "German shepherd"),
        ("a cat Sits here", "Sits", "does not sit", "Does Not Sit"),
        ("A man in New York", "man", "woman", "woman"),
        ("A TV on a table", "A TV", "four tvs", "four TVs"),
        ("TVs on a table", "TVs", "one tv", "one TV"),
        ("Two SUVs parked here", "SUVs", "trucks", "trucks"),
        ("an iPhone on a desk", "iPhone", "radio", "radio"),
        ("Two JCBs in a field", "Two JCBs", "one jcb", "one JCB"),
        ("a DVD player and a tv", "tv", "radio", "radio"),
    ],
)
def test_new_words_take_the_case_of_those_they_replace(text, old, new, written) -> None:
    start = text.index(old)
    assert in_case_of(text, start, start + len(old), new) == written


@pytest.mark.parametrize(
    ("text", "lower"),
    [
        ("A dog", "a dog"),
        ("TVs on a wall", "TVs on a wall"),
        ("iPhone", "iPhone"),
        ("I sit", "I sit"),
        ("", ""),
        ("3 dogs", "3 dogs"),
        ("McLaren in red", "McLaren in red"),
    ],
)
def test_a_beginning_gives_its_capital_away_unless_it_is_a_name(text: str, lower: str) -> None:
    assert lower_beginning(text) == lower
