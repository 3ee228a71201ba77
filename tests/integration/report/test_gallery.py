"""The gallery shows made and rejected sets, and says of how many."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.scores import Group
from pipeline.report.build import gather_report
from pipeline.selection.calibrate import read_labelled
from pipeline.shards.layout import RunLayout
from tests.integration.report.scored_run import Wanted, write_scored_run

pytestmark = pytest.mark.integration


def test_a_gallery_has_rejects_and_says_of_how_many(layout: RunLayout) -> None:
    report = gather_report(layout, most_sets=10)
    gallery = report.gallery
    assert len(gallery.sets) == 10
    rejected = [one for one in gallery.sets if one.status == "rejected"]
    assert {one.reason for one in rejected} >= {"text.no_edit", "source.columns"}
    assert gallery.made + gallery.rejected == int(report.funnels[0].steps[0].count)


def test_labels_of_rejected_sets_are_grouped_by_subkind_too(tmp_path: Path) -> None:
    """As those of kept sets are: the captions file knows what the sidecar does not."""
    run = write_scored_run(tmp_path / "run", Wanted(sets=20, side_px=16, control_least=0.28))
    shown = gather_report(run).gallery.sets
    lines = [
        f"{one.key},{card.label_as},{card.candidate},right"
        for one in shown
        if one.status == "rejected"
        for card in one.cards
        if card.group == "attribute" and card.label_as
    ]
    assert len(lines) > 1
    labels = tmp_path / "labels.csv"
    labels.write_text("\n".join(["key,variant,candidate,label", *lines]))
    groups = {picture.group for picture in read_labelled(run.root, labels)}
    assert groups <= {Group("attribute", "colour"), Group("attribute", "size")}
    assert groups
