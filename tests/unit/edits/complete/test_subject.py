"""What a caption is about."""

from __future__ import annotations

import pytest

from pipeline.edits.complete.subject import main_thing
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
