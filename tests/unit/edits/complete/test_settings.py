"""Where a caption says where its scene is, and where it can be said to be elsewhere."""

from __future__ import annotations

import pytest

from pipeline.edits.complete.settings import SettingSlot, find_setting, find_slot, setting_groups
from pipeline.edits.parse.parsed_caption import parsed_caption


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("a small dog sitting on a lawn in the park", "on a lawn in the park"),
        ("a white horse isolated on a white background", "isolated on a white background"),
        ("two dogs running on the beach .", "on the beach"),
        ("a man in the background", ""),
        ("a red ball next to a cat", ""),
    ],
)
def test_the_phrases_that_say_where_are_found(parse, text: str, setting: str) -> None:
    reading = parsed_caption(parse(text))
    span = find_setting(reading)
    assert (" ".join(reading.lower[slice(*span)]) if span else "") == setting


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("two dogs running on the beach .", SettingSlot((3, 6), None)),
        ("a red ball next to a cat .", SettingSlot(None, 7)),
        ("a dog that sleeps", SettingSlot(None, None)),
        # A place or an occasion outside of the phrase stays.
        ("a dog sitting on the wall on a train", None),
        ("a man swimming", None),
        ("a mountain behind a dog that sleeps", None),
    ],
)
def test_a_slot_replaces_the_setting_or_adds_one(
    parse, text: str, slot: SettingSlot | None
) -> None:
    reading = parsed_caption(parse(text))
    assert find_slot(reading, find_setting(reading)) == slot


def test_beside_a_setting_that_stays_there_is_no_slot(parse) -> None:
    assert find_slot(parsed_caption(parse("two dogs running on the beach .")), None) is None


def test_groups_that_move_a_scene() -> None:
    assert {"land_outdoors", "waters", "seasons"} <= setting_groups()
    assert "pets" not in setting_groups()
