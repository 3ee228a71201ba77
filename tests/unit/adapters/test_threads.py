"""Threads sleep while they wait, are no more than there are processors, and the user goes first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.adapters.threads import count_processors, prepare_threads


def test_threads_sleep_while_they_wait_and_what_is_set_stays() -> None:
    environ: dict[str, str] = {}
    prepare_threads(environ)
    assert environ["OMP_WAIT_POLICY"] == "PASSIVE"
    assert environ["GOMP_SPINCOUNT"] == environ["KMP_BLOCKTIME"] == "0"
    assert environ["OMP_NUM_THREADS"] == str(count_processors())
    own = {"OMP_NUM_THREADS": "3", "OMP_WAIT_POLICY": "ACTIVE", "GOMP_SPINCOUNT": "7"}
    kept = dict(own)
    prepare_threads(kept)
    assert kept == own | {"KMP_BLOCKTIME": "0"}


@pytest.mark.parametrize(
    ("text", "most"),
    [("100000 100000", 1), ("50000 100000", 1), ("max 100000", None), ("nonsense", None)],
)
def test_a_containers_quota_counts(tmp_path: Path, text: str, most: int | None) -> None:
    quota = tmp_path / "cpu.max"
    quota.write_text(text)
    every = count_processors(tmp_path / "none")
    assert count_processors(quota) == (most or every)
    assert 1 <= every <= (os.cpu_count() or 1)
