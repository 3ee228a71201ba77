"""`eval-scorer` and `eval-renderer`: their tables, their reports, and names they do not know."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.cli.evaluation import facts_table, pairs_table, pick_names, preferences_table
from pipeline.core.errors import ConfigError
from pipeline.evaluation.renderer import FactReport, PairReport, Shares
from pipeline.evaluation.scorer import Preferences

pytestmark = pytest.mark.integration


def rows(table: Table) -> list[str]:
    console = Console(width=120, record=True)
    console.print(table)
    lines = console.export_text().replace("│", " ").replace("┃", " ").splitlines()
    return [" ".join(line.split()) for line in lines]


def test_facts_stand_beside_their_goals() -> None:
    report = FactReport({"colour": Shares(3, 4), "size": Shares(0, 0)}, 0.5, [], [], [])
    shown = rows(facts_table(report, {"colour": 0.95}))
    assert "colour 3 4 0.750 0.95" in shown
    assert "size 0 0 0.000" in shown


def test_pairs_have_a_mean_of_each_strategy() -> None:
    def pair(kind: str, strategy: str, right: int) -> PairReport:
        some = Shares(right, 10)
        return PairReport(kind, strategy, some, Shares(10, 10), some, [], [])

    shown = rows(
        pairs_table([pair("colour", "a", 4), pair("count", "a", 6), pair("count", "b", 1)])
    )
    assert "count a 0.600 1.000 0.600" in shown
    assert "mean a 0.500 1.000 0.500" in shown
    assert "mean b 0.100 1.000 0.100" in shown


def test_drawn_pictures_have_columns_only_where_some_were_drawn() -> None:
    seen = Preferences(Shares(9, 10), Shares(4, 5), 0.25)
    plain = rows(preferences_table({"colour": (seen, None)}, {"colour": 0.95}))
    assert "colour 9 10 0.900 0.95 0.800 0.250" in plain
    assert not any("drawn" in line for line in plain)
    both = rows(preferences_table({"colour": (seen, seen)}, {}))
    assert "colour 9 10 0.900 0.800 0.250 9 10 0.900" in both


def test_names_are_known_ones_or_all() -> None:
    known = ("colour", "count")
    assert pick_names("", known, "--kinds") == known
    assert pick_names(" count ,", known, "--kinds") == ("count",)
    with pytest.raises(ConfigError, match="--kinds colur: choose from colour, count"):
        pick_names("colur", known, "--kinds")


@pytest.mark.parametrize("option", ["--kinds", "--strategies"])
def test_a_name_that_is_unknown_is_refused_before_a_model_is_opened(option: str) -> None:
    done = CliRunner().invoke(app, ["eval-renderer", "--model", "nowhere", option, "colur"])
    assert isinstance(done.exception, ConfigError)
    assert f"{option} colur: choose from" in str(done.exception)


def test_the_renderer_is_judged_and_its_pictures_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    asked = ["--captions", "2", "--pairs", "2", "--kinds", "colour", "--strategies", "same_noise"]
    quick = ["--set", "images.steps=2", "--set", "images.device=cpu"]
    done = CliRunner().invoke(app, ["eval-renderer", *asked, *quick, "--output", str(folder)])
    assert done.exit_code == 0, done.output
    report = json.loads((folder / "report.json").read_text("utf-8"))
    assert [(p["kind"], p["strategy"], p["both"]["asked"]) for p in report["pairs"]] == [
        ("colour", "same_noise", 2)
    ]
    assert len(report["captions"]) == report["facts"]["every fact"]["asked"] == 2
    assert {path.name for path in folder.glob("*.png")} == {"facts.png", "colour.same_noise.png"}


def test_the_scorer_is_asked_about_painted_and_drawn_pictures(tmp_path: Path) -> None:
    file = tmp_path / "counts.json"
    asked = ["--pairs", "5", "--drawn", "3", "--kinds", "colour,count", "--device", "cpu"]
    result = CliRunner().invoke(app, ["eval-scorer", *asked, "--output", str(file)])
    assert result.exit_code == 0, result.output
    kinds = json.loads(file.read_text())["kinds"]
    assert list(kinds) == ["colour", "count"]
    for found in kinds.values():
        assert found["painted"]["right"]["asked"] == 10
        assert found["painted"]["right"]["right"] >= 8
        assert found["drawn"]["right"]["asked"] <= 6
        assert found["drawn"]["right"]["right"] <= found["drawn"]["right"]["asked"]
