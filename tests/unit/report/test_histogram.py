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
