from __future__ import annotations

import pytest

from pipeline.core.wilson import wilson_interval


def test_the_interval_is_wilsons() -> None:
    """81 of 263: the example of Newcombe (1998), 0.2553 to 0.3662."""
    found = wilson_interval([1.0] * 81 + [0.0] * 182)
    assert found.pairs == 263
    assert found.accuracy == pytest.approx(81 / 263)
    assert found.low == pytest.approx(0.2553, abs=1e-4)
    assert found.high == pytest.approx(0.3662, abs=1e-4)


def test_a_tie_counts_half_and_the_interval_stays_within_bounds() -> None:
    assert wilson_interval([1.0, 0.5, 0.5, 0.0]).accuracy == 0.5
    assert wilson_interval([1.0, 1.0]).high == 1.0
    assert wilson_interval([0.0]).low == 0.0
