"""The code that a card shows; what it says of `datasets` runs in tests/integration/clients."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from pipeline.dataset_card.reading import how_to_load
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import iterate_samples
from tests.integration.dataset_card.conftest import SETS

pytestmark = pytest.mark.integration


def test_the_code_of_the_card_runs_and_sees_every_set(layout: RunLayout) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", layout.readme.read_text("utf-8"), re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=layout.root, capture_output=True, text=True, check=True
    )
    for sample in iterate_samples(layout):
        assert f"{sample.key} {sample.document.caption}\n" in done.stdout
        assert sample.document.minimal[0].caption in done.stdout
    assert done.stdout.count("PIL.Image") == SETS


def test_it_says_whom_a_run_suits() -> None:
    with_pictures, without = (how_to_load(has_pictures=has) for has in (True, False))
    assert "no pictures" in without
    assert "no pictures" not in with_pictures
    assert with_pictures.count("features=types") == without.count("features=types") == 1
