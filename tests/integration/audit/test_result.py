"""Findings in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.audit.result import to_json
from pipeline.cli.app import app
from pipeline.shards.layout import RunLayout
from tests.integration.audit.painted_run import audit

pytestmark = pytest.mark.integration


def test_the_command_writes_findings_and_ends_well(leaky: RunLayout, tmp_path: Path) -> None:
    runner, target = CliRunner(), tmp_path / "audit.json"
    arguments = ["audit", str(leaky.root), "--lm", "none", "--output", str(target), "-q"]
    first = runner.invoke(app, arguments)
    assert first.exit_code == 0, first.output
    assert "2 findings" not in first.output
    assert "guessing by longer" in first.output
    written = target.read_bytes()
    runner.invoke(app, arguments)
    assert target.read_bytes() == written, "the same run has the same audit"
    stored = json.loads(written)
    assert stored["findings"]
    assert stored["thresholds"]["pictures"] == {
        "auc_above_half": 0.1, "least_sets": 20, "p_value": 0.01,
    }  # fmt: skip
    assert stored == to_json(audit(leaky))
