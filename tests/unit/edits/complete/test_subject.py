"""What a caption is about."""

from __future__ import annotations

import pytest

from pipeline.edits.complete.subject import is_unseen_stand_in, main_thing, stand_ins
from pipeline.edits.parse.parsed_caption import parsed_caption


@pytest.mark.parametrize(
    ("text", "main"),
    [
        ("a dog on a beach", "dog"),
        ("portrait of a woman with a cat", "woman"),
        ("a group of children play in a park", "children"),
        ("pop artist performs on stage", "artist"),
    ],
)
def test_the_main_thing(parse, text: str, main: str) -> None:
    parsed = parsed_caption(parse(text))
    token = main_thing(parsed)
    assert token is not None
    assert parsed.lower[token] == main


def test_nothing_known_is_no_main_thing(parse) -> None:
    assert main_thing(parsed_caption(parse("the way it goes"))) is None


def test_a_stand_in_behind_a_preposition_stands_for_who_knows_what(parse) -> None:
    seen = parsed_caption(parse("portrait of person in a hat"))
    ((start, end),) = stand_ins(seen)
    assert not is_unseen_stand_in(seen, start, end)
    unseen = parsed_caption(parse("an old house in the village of person"))
    found = [span for span in stand_ins(unseen) if is_unseen_stand_in(unseen, *span)]
    assert [unseen.lower[start] for start, _ in found] == ["person"]
