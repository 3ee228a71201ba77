"""Nothing is lost between the steps of a funnel, and every score is counted."""

from __future__ import annotations

import pytest

from pipeline.report.build import gather_report
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest

pytestmark = pytest.mark.integration


def test_nothing_is_lost_between_the_steps(layout: RunLayout) -> None:
    manifest = read_manifest(layout)
    assert manifest is not None
    report = gather_report(layout)
    rows, captions = report.funnels
    assert rows.steps[0].count == manifest.counts.rows
    assert rows.steps[-2].count == manifest.counts.samples
    assert rows.steps[-1].count == manifest.counts.samples - manifest.counts.incomplete
    for funnel in (rows, captions):
        for before, after in zip(funnel.steps, funnel.steps[1:], strict=False):
            assert before.count - after.count == sum(loss.count for loss in after.losses)
    counted = manifest.counts.pictures
    for one in report.yields:
        assert one.pictures == counted[one.kind].made
        assert {x.reason: x.count for x in one.picture_losses} == counted[one.kind].reasons
    assert sum(one.tokens_in for one in report.yields) == manifest.counts.tokens_in == 50 * 90


def test_histograms_count_every_scored_picture(layout: RunLayout) -> None:
    manifest = read_manifest(layout)
    assert manifest is not None
    charts = {chart.name: chart for chart in gather_report(layout).charts}
    margin = {h.group: h for h in charts["margin"].histograms}
    assert "control" not in margin
    for kind in ("count", "relation", "full"):
        assert sum(margin[kind].kept) == manifest.counts.pictures[kind].made
        assert sum(margin[kind].refused) == manifest.counts.pictures[kind].refused
    assert (margin["count"].least, margin["attribute"].least) == (0.03, 0.02)
    assert margin["attribute.size"].least == 0.0
