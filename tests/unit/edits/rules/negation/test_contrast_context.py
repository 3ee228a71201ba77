"""Noun phrases that may not be contrasted."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bowls, during day of the fourth test match.", "bowls"),
        ("singer teaches a bilingual class with person", "singer"),
        ("sparkling water illuminated in the fog by sunshine in the foggy morning", "fog"),
        ("close up of pigs on a pig farm .", "pigs"),
        ("a brave cyclist pushes his bike through snow", "bike"),
        ("a woman sticks her toe in a fountain", "fountain"),
        ("foxes are among the most intelligent animals in the world", "foxes"),
        ("robots constantly in the press", "robots"),
        ("this home is within walking distance", "home"),
        ("a woman is filling a jug of water at the tap in the kitchen.", "kitchen"),
        ("exotic fishes in an aquarium", "aquarium"),
    ],
)
def test_an_unseen_or_continued_phrase_is_not_contrasted(
    negated_words, text: str, said: str
) -> None:
    assert not any(old.startswith(f"{said}, not") for old, _ in negated_words(text))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        # A sun that one soaks up or enjoys is no thing beside a moon.
        ("people soak up the sun", "moon"),
        ("a foundation for learning : opens its doors", "windows"),
        ("the new terminal on island with quiet sea and setting sun", "moon"),
        # A mass takes no article: "a sushi".
        ("close up of a pizza", "sushi"),
        ("actor having a coffee at the desk", "milk"),
    ],
)
def test_what_is_not_seen_by_itself_is_not_denied(negated_pairs, text: str, wrong: str) -> None:
    assert not any(wrong in caption for _, caption in negated_pairs(text))
