"""`counterfactory audit` prints what it found, and leaves all of it beside the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from pipeline.audit.balance import Balance, Skew
from pipeline.audit.caption_probe import CaptionProbe
from pipeline.audit.overlap import Match, Overlap
from pipeline.audit.probe import ProbeResult
from pipeline.audit.result import Audit
from pipeline.audit.text import Guess
from pipeline.cli.app import app
from pipeline.cli.audit import print_audit
from tests.integration.audit.painted_run import Planted, write_painted_run

pytestmark = pytest.mark.integration

FOUND = Audit(
    "f" * 16, sets=1200, sampled=1000,
    captions=(
        CaptionProbe("words", "negation", "", 900, 0.9, 0.88, 0.92, True, (("not", 2.5),)),
        CaptionProbe("words", "negation", "both_sides", 700, 0.55, 0.5, 0.6, False, ()),
    ),
    guesses=(
        Guess("longer", "object", 500, 0.81, 0.77, 0.84, is_marked=True),
        Guess("longer", "count", 400, 0.5, 0.45, 0.55, is_marked=False),
    ),
    probes=(ProbeResult("pixels", "sides", 900, 0.52, 0.49, 0.55, 0.5, 0.53, 0.3, False),),
    balance=Balance(70, 80, (Skew("attribute", "red", "blue", 40, 2, 41, 3, is_marked=True),), ()),
    overlaps=(Overlap("pictures", 300, 50, 1, 2, (Match("a/min0", "b/[x]", 0.97),)),),
    skipped={"CLIP": "the run names none"},
)  # fmt: skip


def test_what_is_marked_has_a_sign_at_the_end_of_its_line() -> None:
    console = Console(width=120, record=True)
    print_audit(console, FOUND)
    lines = [" ".join(line.split()) for line in console.export_text().splitlines()]
    assert lines[0] == "1,200 sets, 1,000 looked at closely"
    assert "negation not +2.5 900 90.0% 88.0% to 92.0% ◄" in lines
    assert "both sides 700 55.0% 50.0% to 60.0%" in lines
    assert "longer object 500 81.0% 77.0% to 84.0% ◄" in lines
    assert "longer count 400 50.0% 45.0% to 55.0%" in lines
    assert "pixels sides 900 0.520 0.49–0.55 0.50 0.300" in lines
    assert "attribute red → blue 40 2 41 / 3 ◄" in lines
    assert "pictures 300 50 1 2 ◄" in lines
    assert "a/min0 b/[x] 0.97" in lines, "brackets of a name are no markup"
    assert lines[-1] == "not done: CLIP: the run names none"


def test_a_check_without_rows_has_no_table() -> None:
    console = Console(width=120, record=True)
    print_audit(console, Audit("f", 3, 3, (), (), (), Balance(0, 0, (), ())))
    assert console.export_text() == "3 sets, 3 looked at closely\n"


def test_findings_are_no_error_and_lie_beside_the_run(tmp_path: Path) -> None:
    planted = Planted(ending=" on a quiet and cold day")
    layout = write_painted_run(tmp_path / "run", 40, planted, shards=1)
    arguments = ["audit", str(layout.root), "--lm", "none", "--clip", "none", "--quiet"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    stored = json.loads((tmp_path / "run.audit.json").read_text("utf-8"))
    assert f"{len(stored['findings'])} findings" in done.stdout
    assert any("guessing by longer" in line for line in stored["findings"])
    assert f"all of it: {tmp_path / 'run.audit.json'}" in done.stdout
