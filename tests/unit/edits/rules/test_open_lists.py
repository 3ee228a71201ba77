"""What leaves open that another thing is there as well."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.rules.object.rule import ObjectRule
from pipeline.edits.rules.open_lists import is_left_open


@pytest.mark.parametrize(
    ("text", "noun", "expected"),
    [
        ("a basket with bread, among other items", "bread", True),
        ("a room with plants, tables and chairs", "chair", True),
        ("a table and a chair in a room", "chair", False),
        ("a house near trees", "tree", True),
        ("a man sits by the fence", "fence", False),
        ("a dog, a cat and a horse on a farm", "horse", False),
    ],
)
def test_what_is_left_open(parse, text: str, noun: str, expected: bool) -> None:
    parsed = parsed_caption(parse(text))
    (mention,) = [one for one in parsed.mentions.values() if one.noun.lemma == noun]
    assert is_left_open(parsed, mention) is expected


def test_an_item_of_an_open_list_is_not_exchanged(replacements) -> None:
    rule = ObjectRule()
    assert replacements(rule, "a table and a chair in a room", "chair")
    assert not replacements(rule, "a room with plants, tables and chairs", "chairs")
