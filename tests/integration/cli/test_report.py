"""`counterfactory report` writes one page where it is asked to, and says what is on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.cli.report import write_after_run
from pipeline.core.errors import ConfigError
from pipeline.shards.layout import RunLayout
from tests.integration.report.scored_run import Wanted, write_scored_run

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    return write_scored_run(tmp_path_factory.mktemp("runs") / "balls", Wanted(sets=8, shards=1))


def test_the_page_goes_where_it_is_asked_to_with_the_sets_asked_for(
    layout: RunLayout, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    arguments = ["report", str(layout.root), "--output", str(page), "--max-sets", "3"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    # 8 anchors, one without an edit and one broken row.
    assert "3 of 10 rows are in its gallery, 0." in done.stdout
    assert f"open it:     {page}" in done.stdout
    assert page.read_text("utf-8").lower().startswith("<!doctype html>")
    assert not (layout.root / "report").exists()


def test_after_a_run_it_lies_in_the_run(
    layout: RunLayout, capsys: pytest.CaptureFixture[str]
) -> None:
    write_after_run(layout)
    page = layout.root / "report" / "index.html"
    assert page.is_file()
    assert f"open it:     {page}" in capsys.readouterr().out


def test_a_folder_that_is_no_run_is_an_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert isinstance(done.exception, ConfigError)
    assert list(tmp_path.iterdir()) == []
