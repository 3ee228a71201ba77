"""`counterfactory mine-causal` as a person types it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

CAPTIONS = """\
a dog on the beach\thttp://x/1
the museum is closed due to snow\thttp://x/2
the storm causes damage to houses\thttp://x/3
the street is closed due to the parade [bold]\thttp://x/4
help out a good cause on saturday\thttp://x/5
\thttp://x/6
"""


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("COUNTERFACTORY_")}
    return subprocess.run(
        [sys.executable, "-m", "counterfactory", "mine-causal", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**clean, "COLUMNS": "200"},
    )


@pytest.fixture(scope="module")
def captions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mining") / "captions.tsv"
    path.write_text(CAPTIONS, encoding="utf-8")
    return path


def test_it_counts_each_connective_with_direction_and_examples(captions: Path) -> None:
    mined = command("--input", str(captions), "--examples", "1")
    assert mined.returncode == 0, mined.stderr
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


def test_a_missing_input_is_a_message(tmp_path: Path) -> None:
    mined = command("--input", str(tmp_path / "none.tsv"))
    assert mined.returncode == 2
    assert "none.tsv" in mined.stderr
    assert "Traceback" not in mined.stderr


def test_help_shows_examples() -> None:
    helped = command("--help")
    assert "counterfactory mine-causal --input cc3m.tsv" in helped.stdout
