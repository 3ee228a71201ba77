"""The painted runs that are audited: one without a leak, one with two."""

from __future__ import annotations

import pytest

from pipeline.shards.layout import RunLayout
from tests.integration.audit.painted_run import Planted, write_painted_run

SETS = 200


@pytest.fixture(scope="package")
def clean(tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    return write_painted_run(tmp_path_factory.mktemp("clean") / "run", SETS)


@pytest.fixture(scope="package")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    planted = Planted(blur_px=0.5, ending=" on a quiet day")
    return write_painted_run(tmp_path_factory.mktemp("leaky") / "run", SETS, planted)
