"""Guesses without a picture."""

from __future__ import annotations

from pipeline.audit.text import TextPair, guess_by_length, guess_by_words


def test_length_and_words_give_away_what_they_give_away() -> None:
    longer = [TextPair(f"{i}", "count", "a dog", "a dog now") for i in range(40)]
    assert all(g.is_marked and g.accuracy == 1 for g in guess_by_length(longer))
    assert guess_by_words(longer)[0].accuracy == 1
    both = [TextPair(f"{i}", "count", *(("a dog", "a cat")[:: 1 - 2 * (i % 2)])) for i in range(60)]
    assert not any(g.is_marked for g in (*guess_by_length(both), *guess_by_words(both)))
