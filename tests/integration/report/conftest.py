"""A run with scores and refused pictures, which the report is of."""

from __future__ import annotations

import pytest

from pipeline.shards.layout import RunLayout
from tests.integration.report.scored_run import Wanted, write_scored_run


@pytest.fixture(scope="package")
def layout(tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    return write_scored_run(tmp_path_factory.mktemp("runs") / "balls", Wanted(sets=50))
