"""The page of a run: the same each time, of unfinished runs too, and no part of the run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.report.build import gather_report, report_file, write_report
from pipeline.shards.layout import RunLayout
from pipeline.shards.verify import verify_run
from tests.integration.report.scored_run import Wanted, write_scored_run

pytestmark = pytest.mark.integration


def test_the_page_is_no_part_of_the_run(layout: RunLayout) -> None:
    page, _ = write_report(layout)
    first = page.read_bytes()
    assert page == report_file(layout)
    assert verify_run(layout) == []
    write_report(layout)
    assert page.read_bytes() == first


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


def test_the_headline_counts_what_is_in_the_shards(tmp_path: Path) -> None:
    report = gather_report(write_scored_run(tmp_path / "run", Wanted(30, control_least=0.28)))
    told = [int(text.replace(",", "")) for text in re.findall(r"\d[\d,]*", report.summary)]
    rows, sets, edits, full, _ = told
    numbers = {figure.label: figure for figure in report.figures}
    assert int(numbers["sets"].value) == sets < rows
    assert int(numbers["counterfactual captions"].value) == edits + full
    assert numbers["counterfactual captions"].note == f"{(edits + full) / sets:.1f} for each set"
    # Rejected sets have captions too: they are in the funnel, not in the headline.
    assert report.funnels[1].steps[1].count > edits + full
    share = int(numbers["counterfactual pictures"].value) / (edits + full)
    assert numbers["counterfactual pictures"].note.startswith(f"{share:.0%} of those")
