from __future__ import annotations

from pipeline.core.words import letters_and_numbers, words_of


def test_words_are_in_lower_case_and_without_punctuation() -> None:
    assert words_of("A man's T-shirt, (2 of them) on_it!") == [
        "a", "man's", "t-shirt", "2", "of", "them", "on", "it",
    ]  # fmt: skip
    assert words_of(" -- ") == []


def test_letters_and_numbers_are_what_spacing_and_marks_leave() -> None:
    assert letters_and_numbers("Do n't !") == letters_and_numbers("don't") == "dont"
    assert letters_and_numbers("a t - shirt") == letters_and_numbers("A T-shirt.")
    assert letters_and_numbers("for 1.5 m") != letters_and_numbers("for 15 m")
    assert letters_and_numbers(" ... ") == ""
