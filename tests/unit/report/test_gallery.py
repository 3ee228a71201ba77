"""Sets are chosen evenly."""

from __future__ import annotations

import pytest

from pipeline.report.gallery import spread

pytestmark = pytest.mark.integration


def test_spread_is_even_and_starts_at_the_first() -> None:
    assert spread(100, 4) == [0, 25, 50, 75]
    assert spread(3, 24) == [0, 1, 2]
    assert spread(0, 24) == []
