"""The command says what was written, and ends with 1 where nothing could be."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.core.errors import ConfigError, PermanentError
from tests.unit.export.exported_run import write_run


def invoke(*arguments: object):  # noqa: ANN201
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


def test_it_says_what_was_written_and_what_was_not(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    done = invoke(run, "--to", "cf-vlm", "--k", "3", "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "3 sets read; 2 sets, 4 counterfactuals, 2 repeated to fill up" in done.output
    assert "left out: 1 sets without a counterfactual picture" in done.output
    assert (tmp_path / "out" / "train.jsonl").is_file()


def test_kinds_are_given_by_commas(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    output = tmp_path / "out"
    done = invoke(run, "--to", "sugar-crepe", "--kinds", "negation, count", "--output", output)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in output.glob("*.json")) == [
        "negation.json",
        "replace_att.json",
    ]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(("--kinds", "colour"), ConfigError), (("--kinds", "swap"), PermanentError)],
)
def test_what_cannot_be_is_an_error_of_its_sort(
    tmp_path: Path, arguments: tuple[str, ...], error: type[Exception]
) -> None:
    """`main` ends with 2 for the first sort and with 1 for the second."""
    run = write_run(tmp_path / "run")
    done = invoke(run, "--to", "dpo", *arguments, "--output", tmp_path / "out")
    assert isinstance(done.exception, error)
    assert not (tmp_path / "out").exists()
