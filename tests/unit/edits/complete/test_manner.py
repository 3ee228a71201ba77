"""Another caption takes over the letters and the closing mark of the anchor's."""

from __future__ import annotations

import pytest

from pipeline.edits.complete.manner import in_manner_of, in_register_of


@pytest.mark.parametrize(
    ("caption", "text", "written"),
    [
        ("a dog on a rug", "A cat on a Paris roof.", "a cat on a paris roof"),
        ("A dog on a rug.", "a cat on a roof", "A cat on a roof."),
        ("a dog in Paris .", "A cat on a roof.", "a cat on a roof ."),
        ("A DOG ON A RUG", "a cat on a roof.", "A CAT ON A ROOF"),
        ("A Dog On A Rug.", "a cat on a roof", "A Cat On A Roof."),
    ],
)
def test_another_scene_has_the_captions_capitals_and_closing_mark(caption, text, written) -> None:
    assert in_manner_of(caption, text) == written


@pytest.mark.parametrize(
    ("caption", "text", "written"),
    [
        ("young woman on a beach", "A small boy on the lawn.", "small boy on the lawn"),
        ("a woman on a beach", "A small boy on the lawn", "a small boy on the lawn"),
        ("this dog on a beach .", "a cat , asleep", "a cat, asleep ."),
        ("two dogs, asleep", "the cats , awake", "cats, awake"),
        ("two dogs , asleep", "three cats , awake", "three cats , awake"),
        ("1950s: machines", "1950s : clerks", "1950s: clerks"),
        ("3 dogs on a rug", "a cat on a rug", "a cat on a rug"),
        ("dogs", "a", "a"),
    ],
)
def test_what_a_model_wrote_begins_and_is_spaced_as_the_caption(caption, text, written) -> None:
    assert in_register_of(caption, text) == written
