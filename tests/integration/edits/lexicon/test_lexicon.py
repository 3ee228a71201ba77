"""The share of words that the lexicon knows."""

from __future__ import annotations

from importlib.resources import files

import pytest

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.parse.spacy_pipeline import Parser
from tests.bench.lexicon_coverage import Coverage, measure_coverage

pytestmark = pytest.mark.integration


def coverage_of(*captions: str) -> Coverage:
    return measure_coverage(Parser().parse(captions), load_lexicon())


def test_known_and_unknown_words_are_counted() -> None:
    coverage = coverage_of("a dog and a zorgblat sit on a table")
    assert coverage.nouns == 2 / 3
    assert coverage.verbs == 1
    assert [word for word, _ in coverage.unknown_nouns] == ["zorgblat"]
    assert coverage.unknown_verbs == ()
    assert coverage_of("!").nouns == 1


def test_most_words_of_real_captions_are_known() -> None:
    text = (files("pipeline.sources") / "sample" / "cc3m_sample.tsv").read_text(encoding="utf-8")
    coverage = coverage_of(*(line.split("\t")[0] for line in text.splitlines()))
    assert coverage.nouns > 0.7
    assert coverage.verbs > 0.7
