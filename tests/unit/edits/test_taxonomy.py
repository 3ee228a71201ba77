"""The card of every kind."""

from __future__ import annotations

from pipeline.core.records import EditKind
from pipeline.edits.taxonomy import TAXONOMY


def test_the_taxonomy_has_every_kind_with_true_pairs() -> None:
    assert set(TAXONOMY) == set(EditKind)
    assert list(TAXONOMY) == list(EditKind)
    for card in TAXONOMY.values():
        assert len(card.examples) == 3
        assert all(factual != other for factual, other in card.examples)
