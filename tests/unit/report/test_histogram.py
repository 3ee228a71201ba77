"""Histograms of scores."""

from __future__ import annotations

import pytest

from pipeline.report.histogram import ScoreTally

pytestmark = pytest.mark.integration


def test_a_far_band_does_not_squeeze_the_bars() -> None:
    tally = ScoreTally()
    for step in range(40):
        tally.add("margin", "count", 0.01 * step, is_kept=True)
    near, far = (
        tally.charts({"count": {"margin": (least, None)}})[0] for least in (-0.1, -1.9)
    )  # fmt: skip
    assert near.low <= -0.1
    assert far.low > -0.1


def test_groups_of_few_pictures_have_no_histogram() -> None:
    tally = ScoreTally()
    for _ in range(9):
        tally.add("margin", "swap", 1.5, is_kept=True)
        tally.add("detail", "swap", 9.0, is_kept=False)
    for step in range(10):
        tally.add("margin", "count", 0.01 * step, is_kept=bool(step % 2))
    (chart,) = tally.charts({})
    assert [(h.group, sum(h.kept), sum(h.refused)) for h in chart.histograms] == [("count", 5, 5)]
    assert (chart.name, chart.left_out) == ("margin", 1)
    assert chart.high < 0.2  # what is not drawn widens nothing
