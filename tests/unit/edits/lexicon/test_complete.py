"""What makes two captions counterfactuals: every word of the tables leads somewhere."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.complete import load_complete, load_sorts, sort_of


def test_settings_are_together_in_both_directions_or_in_none() -> None:
    words = load_complete()
    assert words.are_together("shore", "sky")
    assert words.are_together("sky", "shore")
    assert words.are_together("room", "room")
    assert not words.are_together("room", "shore")
    named = {other for setting in words.settings.values() for other in setting.beside}
    assert named <= words.settings.keys()


def test_verbs_are_of_one_manner() -> None:
    words = load_complete()
    assert words.posture.isdisjoint(words.moving)
    assert words.static.isdisjoint(words.posture | words.moving)


def test_a_noun_goes_before_its_group_and_a_group_before_its_class() -> None:
    nouns = load_lexicon().nouns.by_lemma
    assert sort_of(nouns["dog"]) == "pets"
    assert sort_of(nouns["stop sign"]) == "signs"
    assert sort_of(nouns["idea"] if "idea" in nouns else nouns["day"]) is None
    assert load_complete().broad_sorts <= set(load_sorts().values())
