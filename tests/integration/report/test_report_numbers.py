"""The report says what the run's records say, and the same each time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.report.build import gather_report, report_file, write_report
from pipeline.report.gallery import spread
from pipeline.report.gallery_model import Segment
from pipeline.report.histogram import ScoreTally
from pipeline.report.marking import mark_text
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from pipeline.shards.verify import verify_run
from tests.integration.report.scored_run import Wanted, write_scored_run

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    return write_scored_run(tmp_path_factory.mktemp("runs") / "balls", Wanted(sets=50))


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


def test_the_page_is_no_part_of_the_run(layout: RunLayout) -> None:
    page, _ = write_report(layout)
    first = page.read_bytes()
    assert page == report_file(layout)
    assert verify_run(layout) == []
    write_report(layout)
    assert page.read_bytes() == first


def test_times_are_of_the_files_that_are_there(tmp_path: Path, layout: RunLayout) -> None:
    copy = RunLayout(tmp_path / "copy")
    shutil.copytree(layout.root, copy.root)
    manifest = read_manifest(copy)
    assert manifest is not None
    first = manifest.shards[0].counts
    lines = [
        {"shard": 0, "stage": "images", "seconds": 99.0, "images": first.images + 1},  # another run
        {"shard": 0, "stage": "images", "seconds": 50.0, "images": first.images},  # made before
        {"shard": 0, "stage": "images", "seconds": 36.0, "images": first.images},
        {"shard": 7, "stage": "images", "seconds": 1.0, "images": 1},  # no such shard
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines) + '{"shard": 0, "ha'
    (tmp_path / "copy.timings.jsonl").write_text(text)
    (effort,) = gather_report(copy).efforts
    assert (effort.shards, effort.seconds, effort.items) == (1, 36.0, first.images)
    assert effort.gpu_hours == 0.01


def test_a_gallery_has_rejects_and_says_of_how_many(layout: RunLayout) -> None:
    report = gather_report(layout, most_sets=10)
    gallery = report.gallery
    assert len(gallery.sets) == 10
    rejected = [one for one in gallery.sets if one.status == "rejected"]
    assert {one.reason for one in rejected} >= {"text.no_edit", "source.columns"}
    assert gallery.made + gallery.rejected == int(report.funnels[0].steps[0].count)


def test_an_unfinished_run_and_captions_alone_have_a_report(tmp_path: Path) -> None:
    layout = write_scored_run(tmp_path / "plain", Wanted(sets=6, has_pictures=False))
    layout.manifest_json.unlink()
    layout.receipt(1).unlink()
    report = gather_report(layout)
    assert not report.charts
    assert (report.shards, report.shards_planned) == (1, 2)
    assert any("not finished" in note for note in report.notes)
    assert all(card.thumbnail is None for one in report.gallery.sets for card in one.cards)
    write_report(layout)


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no run directory"):
        gather_report(RunLayout(tmp_path))
    with pytest.raises(ConfigError, match="does not exist"):
        gather_report(RunLayout(tmp_path / "none"))


def test_marks_cut_a_text_and_keep_it() -> None:
    segments = mark_text("a dog under a tree", [(2, 5, "edit"), (6, 6, "edit"), (12, 13, "repair")])
    assert "".join(segment.text for segment in segments) == "a dog under a tree"
    assert segments[1:4] == (Segment("dog", "edit"), Segment(" "), Segment("", "gap"))


def test_a_far_band_does_not_squeeze_the_bars() -> None:
    tally = ScoreTally()
    for step in range(40):
        tally.add("margin", "count", 0.01 * step, is_kept=True)
    near, far = (
        tally.charts({"count": {"margin": (least, None)}})[0] for least in (-0.1, -1.9)
    )  # fmt: skip
    assert near.low <= -0.1
    assert far.low > -0.1


def test_spread_is_even_and_starts_at_the_first() -> None:
    assert spread(100, 4) == [0, 25, 50, 75]
    assert spread(3, 24) == [0, 1, 2]
    assert spread(0, 24) == []
