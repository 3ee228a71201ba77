"""Tokens that no rule touches."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.rules.attribute.rule import AttributeRule
from pipeline.edits.rules.object.rule import ObjectRule


def test_a_placeholder_before_a_noun_is_an_ordinary_word(parse) -> None:
    assert 0 not in parsed_caption(parse("business woman in a meeting.")).protected
    assert 0 in parsed_caption(parse("business opened in the city center")).protected


def test_a_dash_before_something_new_protects_nothing(parse) -> None:
    parsed = parsed_caption(parse("red leather belt - a perfect accessory for the season"))
    assert parsed.lower.index("belt") not in parsed.protected
    hyphen = parsed_caption(parse("person in a high - visibility jacket"))
    assert hyphen.lower.index("visibility") in hyphen.protected


def test_frozen_places_stay(rewrite) -> None:
    """ "Brown areas" and "behind closed windows" say nothing."""
    areas = "children who were protesting about the plans to build houses in green areas"
    doors = "fans were in the main stand, despite it being played behind closed doors"
    assert not any("brown" in caption for caption in rewrite(AttributeRule(), areas))
    assert not any("closed windows" in caption for caption in rewrite(ObjectRule(), doors))
    assert not any("open" in caption for caption in rewrite(AttributeRule(), doors))


@pytest.mark.parametrize(
    ("text", "protected"),
    [
        ("a tennis player on a court", False),
        ("two young tennis players on a court", False),
        ("a person on a beach", False),
        ("the tennis player on a court", True),
        ("tennis player on a court", True),
        ("person on a beach", True),
    ],
)
def test_people_with_an_article_or_number_stand_for_no_name(
    parse, text: str, protected: bool
) -> None:
    parsed = parsed_caption(parse(text))
    word = next(i for i, said in enumerate(parsed.lower) if said.startswith("p"))
    assert (word in parsed.protected) is protected
