"""A finished run whose cards are read."""

from __future__ import annotations

import pytest

from pipeline.shards.layout import RunLayout
from tests.integration.audit.painted_run import write_painted_run

SETS = 12


@pytest.fixture(scope="package")
def layout(tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    return write_painted_run(tmp_path_factory.mktemp("card") / "run", SETS)
