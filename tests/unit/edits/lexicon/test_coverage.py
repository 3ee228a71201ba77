"""The share of words that the lexicon knows."""

from __future__ import annotations

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.coverage import measure_coverage


def test_coverage_counts_known_and_unknown_words(parse) -> None:
    coverage = measure_coverage([parse("a dog and a zorgblat sit on a table")], load_lexicon())
    assert coverage.nouns == 2 / 3
    assert coverage.verbs == 1
    assert [word for word, _ in coverage.unknown_nouns] == ["zorgblat"]
    assert coverage.unknown_verbs == ()


def test_nothing_to_know_is_all_known(parse) -> None:
    coverage = measure_coverage([parse("!")], load_lexicon())
    assert (coverage.nouns, coverage.verbs) == (1.0, 1.0)
