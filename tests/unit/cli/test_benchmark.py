"""`benchmark make` tells how many groups there are; a report is printed as it is written."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.cli.benchmark import print_report
from pipeline.tools.score_benchmark import BenchmarkReport
from pipeline.training.vlm.benchmark.scores import Share
from tests.unit.export.exported_run import write_run


def test_make_counts_the_groups_of_each_kind(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    arguments = ["benchmark", "make", str(run), "--split", "all", "--drop", "0", "--per-kind", "1"]
    done = CliRunner().invoke(app, [*arguments, "--output", str(tmp_path / "bench")])
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert ["attribute", "2", "0", "1"] in lines
    assert ["causal_order", "1", "0", "1"] in lines
    assert ["negation", "1", "0", "1"] in lines


def test_a_report_fits_the_terminal() -> None:
    share = Share(3, 4, 0.75, 0.30, 0.95, 0.25)
    scores = dict.fromkeys(("text", "image", "group", "factual"), share)
    report = BenchmarkReport(
        "counterfactory", "bench", "org/model", 5,
        {"attribute": scores, "causal_order": {"choice": share}}, {}, (), ("look at this",),
    )  # fmt: skip
    console = Console(width=80, record=True)
    print_report(console, report)
    text = console.export_text()
    row = next(line for line in text.splitlines() if line.startswith("attribute"))
    assert row.split() == ["attribute", "4", "0.75", "0.75", "0.75", "0.30–0.95", "0.75", "–"]
    assert "causal_order" in text
    assert "note look at this" in text
