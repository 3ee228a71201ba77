"""Equal runs have equal cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.shards.layout import RunLayout
from pipeline.shards.verify import verify_run
from tests.integration.audit.painted_run import write_painted_run
from tests.integration.dataset_card.conftest import SETS

pytestmark = pytest.mark.integration


def test_equal_runs_have_equal_cards_wherever_they_lie(layout: RunLayout, tmp_path: Path) -> None:
    other = write_painted_run(tmp_path / "elsewhere", SETS)
    assert other.readme.read_bytes() == layout.readme.read_bytes()
    assert other.croissant_json.read_bytes() == layout.croissant_json.read_bytes()
    for text in (layout.readme.read_text("utf-8"), layout.croissant_json.read_text("utf-8")):
        assert str(layout.root) not in text
    assert verify_run(layout) == []
