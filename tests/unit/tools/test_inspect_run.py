"""What is in a run is counted from its shards, and its tokens are priced by run.json."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pipeline.core.errors import ConfigError
from pipeline.shards.atomic import write_json
from pipeline.shards.layout import RunLayout
from pipeline.tools.inspect_run import Spent, inspect_path
from tests.integration.report.scored_run import Wanted, write_scored_run
from tests.unit.shards.shard_records import store_run


@pytest.fixture
def layout(tmp_path: Path) -> RunLayout:
    layout = RunLayout(tmp_path / "run")
    store_run(layout)
    return layout


def test_a_run_is_counted_and_its_sheet_lies_beside_it(layout: RunLayout) -> None:
    found = inspect_path(layout.root, sheet=None, rows=4)
    assert (found.samples, found.full, found.complete) == (6, 6, True)
    assert found.kinds == {"attribute · colour": 6, "causal_order · because": 6}
    assert found.proposers == {"llm:test": 6, "rules": 12}
    assert found.images == 18, "four of a drawn set, five with a photograph, of two shards"
    assert (found.sheet, found.sheet_rows) == (layout.root.parent / "run.png", 4)


def test_one_shard_is_named_after_its_run(layout: RunLayout) -> None:
    found = inspect_path(layout.tar(1), sheet=None, rows=9, start=1)
    assert (found.samples, found.sheet_rows, found.tokens) == (3, 2, {})
    assert found.sheet == layout.root.parent / "run-000001.png"
    with Image.open(found.sheet) as sheet:
        assert min(sheet.size) > 100


def test_past_the_last_set_there_is_no_sheet(layout: RunLayout) -> None:
    found = inspect_path(layout.root, sheet=layout.root.parent / "s.png", rows=3, start=6)
    assert (found.sheet, found.sheet_rows) == (None, 0)
    assert not (layout.root.parent / "s.png").exists()


def test_a_run_without_manifest_is_not_complete(layout: RunLayout) -> None:
    layout.manifest_json.unlink()
    assert not inspect_path(layout.root, sheet=None, rows=1).complete


def test_tokens_are_priced_by_the_model_of_the_run(tmp_path: Path) -> None:
    layout = write_scored_run(tmp_path / "run", Wanted(sets=4, shards=1, has_pictures=False))
    priced = inspect_path(layout.root, sheet=None, rows=1).tokens
    assert priced["edits/attribute"] == Spent(240, 32, (240 * 0.15 + 32 * 0.60) / 1e6)
    record = {"config": {"llm.provider": "openai", "llm.model": "org/unknown"}}
    write_json(layout.run_json, record)
    assert inspect_path(layout.root, sheet=None, rows=1).tokens["edits/attribute"].usd is None
    write_json(layout.run_json, {"config": {"llm.provider": "local", "llm.model": "gpt-4o"}})
    assert inspect_path(layout.root, sheet=None, rows=1).tokens["edits/attribute"].usd == 0.0


def test_nothing_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="none"):
        inspect_path(tmp_path / "none", sheet=None, rows=1)
