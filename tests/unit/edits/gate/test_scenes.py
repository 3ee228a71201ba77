"""Another scene must be false in two respects."""

from __future__ import annotations

import pytest

from pipeline.edits.gate.sameness import Meanings
from pipeline.edits.gate.scenes import scene_fault
from pipeline.edits.parse.parsed_caption import parsed_caption

ANCHOR = "a young woman sits on a bench under a tree"


@pytest.mark.parametrize(
    ("scene", "near"),
    [
        (ANCHOR, True),
        ("on a bench under a tree , a young woman is sitting", True),
        ("a young woman sits on a bench under a tree in the warm evening sun", True),
        ("a young woman sits on a chair under a tree", True),
        ("a young woman sleeps on a blanket beside a lake", False),
        ("two boys play in a fountain", False),
    ],
)
def test_a_scene_must_contradict_in_two_respects(parse, scene: str, near: bool) -> None:
    before, after = parsed_caption(parse(ANCHOR)), parsed_caption(parse(scene))
    assert bool(scene_fault(before, after, Meanings(None))) is near
