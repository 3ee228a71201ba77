"""A run without a single set is an error that says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import PermanentError
from pipeline.runs.empty_run import refuse_empty_run
from pipeline.shards.counts import ShardCounts
from pipeline.shards.layout import RunLayout
from tests.unit.shards.shard_records import make_reject, store


def test_the_reasons_and_the_first_row_are_named(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path / "run")
    receipt = store(layout, 0, [make_reject(0), make_reject(1)])
    with pytest.raises(PermanentError, match="source.columns") as raised:
        refuse_empty_run(layout, receipt.counts)
    why = str(raised.value)
    assert why.startswith(f"nothing was made of 2 rows in {layout.root}: source.columns (2)")
    assert "the first: 3 columns, not 2; is --source the input's format" in why


def test_what_the_rules_refused_is_not_the_inputs_fault(tmp_path: Path) -> None:
    by_edits = ShardCounts(rows=3, rejected={"text.no_edit": 3})
    with pytest.raises(PermanentError, match="text.no_edit") as raised:
        refuse_empty_run(RunLayout(tmp_path / "none"), by_edits)
    assert "--source" not in str(raised.value)


def test_one_set_is_enough(tmp_path: Path) -> None:
    refuse_empty_run(RunLayout(tmp_path), ShardCounts(rows=3, samples=1))
