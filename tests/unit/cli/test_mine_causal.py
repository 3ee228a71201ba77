"""`counterfactory mine-causal` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.core.errors import ConfigError

CAPTIONS = """\
a dog on the beach\thttp://x/1
the museum is closed due to snow\thttp://x/2
the storm causes damage to houses\thttp://x/3
the street is closed due to the parade [bold]\thttp://x/4
help out a good cause on saturday\thttp://x/5
\thttp://x/6
"""


def command(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["mine-causal", *arguments])


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    path = tmp_path / "captions.tsv"
    path.write_text(CAPTIONS, encoding="utf-8")
    return path


def test_it_counts_each_connective_with_direction_and_examples(captions: Path) -> None:
    mined = command("--input", str(captions), "--examples", "1", "--quiet")
    assert mined.exit_code == 0, mined.output
    lines = [" ".join(line.split()) for line in mined.stdout.splitlines()]
    assert lines[1:3] == ["due to effect … cause 2", "cause cause … effect 1"]
    assert "cause: snow" in lines
    assert "effect: the museum is closed" in lines
    assert not any("[bold]" in line for line in lines)
    assert lines[-1] == (
        "3 statements of cause and effect in 3 of 5 captions (60.00%); "
        "1 of 6 rows held no usable caption"
    )


def test_brackets_of_a_caption_are_shown_as_they_stand(captions: Path) -> None:
    mined = command("--input", str(captions), "--quiet")
    assert "the street is closed due to the parade [bold]" in mined.stdout
    assert mined.stderr == ""


def test_a_limit_is_kept_and_nothing_is_written(captions: Path) -> None:
    before = sorted(captions.parent.iterdir())
    mined = command("--input", str(captions), "--limit", "1")
    assert "0 statements of cause and effect in 0 of 1 captions" in mined.stdout
    assert sorted(captions.parent.iterdir()) == before


def test_a_missing_input_is_an_error_that_names_it(tmp_path: Path) -> None:
    mined = command("--input", str(tmp_path / "none.tsv"))
    assert isinstance(mined.exception, ConfigError)
    assert "none.tsv" in str(mined.exception)


def test_help_shows_examples() -> None:
    assert "counterfactory mine-causal --input cc3m.tsv" in command("--help").stdout
