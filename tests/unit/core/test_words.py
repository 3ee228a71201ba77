from __future__ import annotations

from pipeline.core.words import words_of


def test_words_are_in_lower_case_and_without_punctuation() -> None:
    assert words_of("A man's T-shirt, (2 of them) on_it!") == [
        "a", "man's", "t-shirt", "2", "of", "them", "on", "it",
    ]  # fmt: skip
    assert words_of(" -- ") == []
