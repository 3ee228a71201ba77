"""What a caption does: describe, list, converse or instruct."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.caption_type import is_list, is_list_of_contents
from pipeline.edits.parse.parsed_caption import parsed_caption


@pytest.mark.parametrize(
    ("text", "description", "conversational"),
    [
        ("a dog on the beach", True, False),
        ("how to paint a dog", False, False),
        ("find a shop near the beach", False, False),
        ("close up of a dog", True, False),
        ("my dog on the beach", True, True),
        ("you should wear a hat", False, True),
        ("", True, False),
    ],
)
def test_descriptions_are_told_from_advice_and_conversation(
    parse, text: str, description: bool, conversational: bool
) -> None:
    parsed = parsed_caption(parse(text))
    assert (parsed.is_description, parsed.is_conversational) == (description, conversational)


def test_a_list_of_contents_names_a_person_first(parse) -> None:
    lists = parsed_caption(parse("image may contain: person, on stage and guitar"))
    assert is_list_of_contents(lists.lower)
    assert is_list(lists.lower)
    assert is_list(("photo", "may", "contain", ":"))
    assert not is_list(("a", "glass", "may", "contain", "water"))
    assert not is_list_of_contents(parsed_caption(parse("image may contain: dog")).lower)
