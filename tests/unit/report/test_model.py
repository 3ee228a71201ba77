"""A chart says whether a band uses its score."""

from __future__ import annotations

import pytest

from pipeline.report.model import Histogram, ScoreChart


@pytest.mark.parametrize(
    ("least", "most", "bounded"),
    [(None, None, False), (0.0, None, True), (None, 0.5, True)],
)
def test_a_chart_is_bounded_by_either_end(
    least: float | None, most: float | None, bounded: bool
) -> None:
    free = Histogram("count", (1,), (0,))
    chart = ScoreChart("margin", "", 0, 1, (free, Histogram("full", (1,), (0,), least, most)))
    assert chart.is_bounded == bounded
