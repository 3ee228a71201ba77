"""Which nouns name something that a picture shows."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.word_tree import word_tree
from pipeline.edits.rules.negation.visible_nouns import VisibleNouns


@pytest.mark.parametrize(
    ("text", "noun", "visible", "animate", "person"),
    [
        ("a dog on the beach", "dog", True, True, False),
        ("a woman on the beach", "woman", True, True, True),
        ("a chair on the beach", "chair", True, False, False),
        ("a group of boys in the park", "group", True, True, False),
        ("the meaning of life", "meaning", False, False, False),
    ],
)
def test_nouns_are_sorted_by_what_they_show(
    parse, text: str, noun: str, visible: bool, animate: bool, person: bool
) -> None:
    words = word_tree(parse(text))
    word = words[words.lower.index(noun)]
    nouns = VisibleNouns()
    found = (nouns.is_visible(word), nouns.is_animate(word), nouns.is_person(word))
    assert found == (visible, animate, person)
