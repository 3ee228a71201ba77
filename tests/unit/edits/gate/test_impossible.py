"""What cannot be is refused, what only is strange is not."""

from __future__ import annotations

import pytest

from pipeline.edits.gate.impossible import impossible_fault
from tests.unit.edits.gate.gate_edits import read, worded


def fault(parse, caption: str, kind: str, old: str, new: str) -> str:
    found = impossible_fault(*read(parse, worded(parse, caption, kind, old, new)))
    return found.reason if found else ""


@pytest.mark.parametrize(
    ("caption", "kind", "old", "new"),
    [
        ("a boat floats in a harbor", "action", "floats", "sings"),
        ("a truck waits near a church", "action", "waits", "sings"),
        ("a woman reading on a bench", "object", "woman", "suitcase"),
        ("a man watering plants", "object", "plants", "theories"),
        ("a dog on a lawn", "object", "lawn", "happiness"),
        ("a truck on a road", "object", "road", "cloud"),
        ("a green frog on a leaf", "attribute", "green", "transparent"),
    ],
)
def test_what_cannot_be_is_refused(parse, caption, kind, old, new) -> None:
    assert fault(parse, caption, kind, old, new) == "text.impossible"


@pytest.mark.parametrize(
    ("caption", "kind", "old", "new"),
    [
        ("a woman reading on a bench", "object", "woman", "dog"),
        ("a woman sits in the sun", "object", "sun", "rain"),
        ("a group of people dancing", "action", "dancing", "sleeping"),
        ("a cartoon car on a road", "object", "road", "cloud"),
        ("a woman playing the cello", "object", "woman", "robot"),
        ("a green bottle on a table", "attribute", "green", "transparent"),
        ("a bird under a tree", "object", "tree", "cloud"),
        ("a dog on a lawn", "object", "lawn", "harness"),
        ("a woman in a coat", "object", "coat", "life jacket"),
        ("a flag hanging on a wall", "action", "hanging", "waving"),
        ("a boat floats in a harbor", "action", "floats", "burns"),
    ],
)
def test_what_can_be_is_let_pass(parse, caption, kind, old, new) -> None:
    assert fault(parse, caption, kind, old, new) == ""


def test_what_the_caption_says_itself_is_not_held_against_its_edit(parse) -> None:
    assert fault(parse, "a red car sings on a stage", "attribute", "red", "blue") == ""
