"""What captions are about and where they are: every word of the tables leads somewhere."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.complete import load_complete, load_places, load_sorts, sort_of


def test_settings_are_together_in_both_directions_or_in_none() -> None:
    words = load_complete()
    assert words.are_together("shore", "sky")
    assert words.are_together("sky", "shore")
    assert words.are_together("room", "room")
    assert not words.are_together("room", "shore")
    named = {other for setting in words.settings.values() for other in setting.beside}
    assert named <= words.settings.keys()


def test_a_noun_goes_before_its_group_and_a_group_before_its_class() -> None:
    nouns = load_lexicon().nouns.by_lemma
    assert sort_of(nouns["dog"]) == "pets"
    assert sort_of(nouns["stop sign"]) == "signs"
    assert sort_of(nouns["idea"] if "idea" in nouns else nouns["day"]) is None


def test_places_are_of_sorts_that_main_things_have() -> None:
    assert load_places().keys() <= set(load_sorts().values())
    assert load_places()["people"]["sit"]["at a table"] > 20
