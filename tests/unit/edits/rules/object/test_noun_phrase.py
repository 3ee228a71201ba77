"""Nouns whose own phrase, or a second mention, forbids an exchange."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.rules.object.rule import ObjectRule


def test_a_work_of_somebody_becomes_another_work(replacements) -> None:
    assert replacements(ObjectRule(), "monkeys near the statue of deity", "statue") == {"painting"}


def test_a_thing_named_twice_in_other_words_stays(replacements) -> None:
    assert not replacements(
        ObjectRule(), "car driving past a lit up car park during night time in town", "car"
    )


def test_only_paintings_are_put_before_of() -> None:
    nouns = load_lexicon().nouns
    assert nouns.groups["statues"].of_only == {"painting"}
    assert not nouns.groups["statues"].of
