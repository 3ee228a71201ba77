"""`calibrate` fits bands to what a person labelled; `eval-selection` counts what they are worth."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.cli.selection import calibration_table, filters_table, selection_table
from pipeline.config.loading import load_config
from pipeline.core.errors import ConfigError
from pipeline.evaluation.renderer import Shares
from pipeline.evaluation.selection import SelectionReport
from pipeline.selection.calibrate import Fitted
from pipeline.selection.fit_bands import Bound, FilterResult
from pipeline.shards.layout import RunLayout
from pipeline.shards.sidecar import read_sidecar
from tests.integration.report.scored_run import Wanted, write_scored_run
from tests.integration.stores.s3_server import Bucket

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunLayout, Path]:
    """A run whose colour edits are right where their margin is large."""
    folder = tmp_path_factory.mktemp("runs")
    layout = write_scored_run(folder / "balls", Wanted(sets=150, side_px=16, shards=1))
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "variant", "candidate", "label"])
        for row in read_sidecar(layout.sidecar(0)):
            if row.item == "image" and row.variant == "min0":
                label = "right" if row.scores["margin"] > 0.05 else "wrong: no edit"
                writer.writerow([row.anchor_id, row.variant, row.candidate, label])
    return layout, folder / "labels.csv"


def test_bands_of_a_labelled_run_are_written_and_can_be_used(
    labelled: tuple[RunLayout, Path], tmp_path: Path
) -> None:
    layout, labels = labelled
    bands = tmp_path / "bands.toml"
    arguments = ["calibrate", str(layout.root), "--labels", str(labels)]
    done = CliRunner().invoke(app, [*arguments, "--output", str(bands)])
    assert done.exit_code == 0, done.output
    (least, most) = tomllib.loads(bands.read_text("utf-8"))["attribute.colour"]["margin"]
    assert 0.04 < least < 0.06
    assert most == float("inf")
    pictures = sum(1 for _ in labels.read_text("utf-8").splitlines()) - 1
    assert f"from {pictures} labelled pictures" in bands.read_text("utf-8")
    config = load_config({"selection.bands": str(bands), "scores.clip": "x"}, environ={})
    assert "attribute.colour" in config.selection.bands
    printed = CliRunner().invoke(app, arguments)
    assert "margin" in printed.stdout
    assert "use it as selection.bands" not in printed.stdout


def test_a_run_and_labels_on_a_store_give_the_same_bands_in_a_file_of_this_machine(
    labelled: tuple[RunLayout, Path], s3: Bucket, tmp_path: Path
) -> None:
    layout, labels = labelled
    s3.hold(layout.root)
    stored = s3.root.with_name("labels.csv")
    stored.write_bytes(b"\xef\xbb\xbf" + labels.read_bytes())  # as a spreadsheet begins it
    for run, given, name in ((layout.root, labels, "here"), (s3.root, stored, "there")):
        arguments = ["calibrate", str(run), "--labels", str(given)]
        done = CliRunner().invoke(app, [*arguments, "--output", str(tmp_path / name)])
        assert done.exit_code == 0, done.output
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()
    refused = CliRunner().invoke(app, [*arguments, "--output", f"{s3.root.parent}/bands.toml"])
    assert isinstance(refused.exception, ConfigError)
    assert "name a local file, and copy it there" in str(refused.exception)
    missing = CliRunner().invoke(app, ["calibrate", f"{s3.root}-no", "--labels", str(stored)])
    assert str(missing.exception).startswith(f"{s3.root}-no is no complete run")


@pytest.mark.parametrize("arguments", [["run"], ["--labels", "labels.csv"]])
def test_a_run_and_labels_belong_together(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, ["calibrate", *arguments])
    assert isinstance(done.exception, ConfigError)
    assert "give a run and its --labels together" in str(done.exception)


def test_what_selection_is_worth_is_counted_by_kind(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    quick = ["--set", "images.steps=2", "--set", "images.candidates=2",
             "--set", "images.device=cpu", "--set", "scores.device=cpu"]  # fmt: skip
    asked = ["--kinds", "colour", "--pairs", "2", "--output", str(report)]
    done = CliRunner().invoke(app, ["eval-selection", *asked, *quick])
    assert done.exit_code == 0, done.output
    (found,) = json.loads(report.read_text("utf-8"))
    assert (found["kind"], found["first"]["asked"], found["drawn"]["asked"]) == ("colour", 2, 4)
    assert found["accepted"]["asked"] == found["kept"]["right"] <= 2


JUDGED = FilterResult(right=8, right_kept=6, wrong=4, wrong_kept=1)


def rows(table: object) -> list[str]:
    console = Console(width=140, record=True)
    console.print(table)
    lines = console.export_text().replace("│", " ").replace("┃", " ").splitlines()
    return [" ".join(line.split()) for line in lines]


def test_the_tables_say_what_is_kept_and_what_each_bound_refuses() -> None:
    bounds = (Bound("margin", True, 0.05), Bound("image_image", False, 0.9))
    fitted = [Fitted("count", bounds, JUDGED, JUDGED, {}), Fitted("full", (), JUDGED, JUDGED, {})]
    shown = rows(calibration_table(fitted))
    assert "count 12 0.667 0.857 0.750 margin ≥ 0.05, image_image ≤ 0.9" in shown
    assert any(line.startswith("full 12 0.667 0.857 0.750 none: 8 of its 12") for line in shown)
    report = SelectionReport(
        "count", Shares(5, 10), Shares(2, 4), Shares(3, 4), Shares(2, 3), Shares(3, 4),
        {"no edit": 1}, {"image.margin_low": JUDGED, "idle": FilterResult(3, 3, 0, 0)},
    )  # fmt: skip
    assert "count 0.500 0.500 0.750 0.750 0.667 1 no edit" in rows(selection_table([report]))
    # 3 of the 5 that it refuses are wrong, and they are 3 of the 4 wrong ones.
    assert "count image.margin_low 0.60 0.75" in rows(filters_table([report]))
    assert "count idle – –" in rows(filters_table([report]))
