"""The gallery shows made and rejected sets, and says of how many."""

from __future__ import annotations

import pytest

from pipeline.report.build import gather_report
from pipeline.shards.layout import RunLayout

pytestmark = pytest.mark.integration


def test_a_gallery_has_rejects_and_says_of_how_many(layout: RunLayout) -> None:
    report = gather_report(layout, most_sets=10)
    gallery = report.gallery
    assert len(gallery.sets) == 10
    rejected = [one for one in gallery.sets if one.status == "rejected"]
    assert {one.reason for one in rejected} >= {"text.no_edit", "source.columns"}
    assert gallery.made + gallery.rejected == int(report.funnels[0].steps[0].count)
