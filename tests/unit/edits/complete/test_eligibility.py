"""Which captions get a complete counterfactual."""

from __future__ import annotations

import pytest

from pipeline.edits.complete.eligibility import allows_another_scene
from pipeline.edits.parse.parsed_caption import parsed_caption


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("a dog on a beach", True),
        ("two women standing in a kitchen .", True),
        ("view of a dog on a beach", False),
        ("how to paint a car", False),
        ("if you could live here", False),
        ("a dead bird on a beach", False),
        ("olympic athlete, at time a player", False),
    ],
)
def test_only_a_description_of_one_scene_does(parse, text: str, allowed: bool) -> None:
    assert allows_another_scene(parsed_caption(parse(text))) is allowed
