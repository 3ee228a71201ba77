"""The band of likelihoods within which an edit counts as fluent."""

from __future__ import annotations

import pytest

from pipeline.core.records import EditKind
from pipeline.text_checks.fluency import DEFAULT_BANDS, gap, outside


def test_a_gap_is_rounded_so_that_machines_agree() -> None:
    assert gap(12.34449, 2.0) == gap(12.34451, 2.0) == 10.34
    assert gap(1.0, 2.5) == -1.5


@pytest.mark.parametrize(
    ("nats", "says"),
    [
        (10.0, None),
        (-20.0, None),
        (10.1, "10.1 nats less likely than the factual wording; at most 10"),
        (-20.1, "20.1 nats likelier than the factual wording; at most 20"),
        (float("nan"), "the language model gave no number"),
    ],
)
def test_what_is_outside_a_band_is_said(nats: float, says: str | None) -> None:
    assert outside(nats, (-20.0, 10.0)) == says


def test_every_kind_has_a_band_that_holds_no_change() -> None:
    assert set(DEFAULT_BANDS) == set(EditKind)
    assert all(outside(0.0, band) is None for band in DEFAULT_BANDS.values())
