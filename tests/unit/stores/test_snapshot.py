"""Which addresses a snapshot knows."""

from __future__ import annotations

import pytest

from pipeline.stores.snapshot import CURRENT, Snapshot, snapshot_of


@pytest.mark.parametrize(
    ("address", "covered"),
    [
        ("s3://b/run", True),
        ("s3://b/run/shards/0.tar", True),
        ("s3://b/run-2/a", False),
        ("s3://b", False),
    ],
)
def test_it_covers_its_root_and_what_is_below(address: str, covered: bool) -> None:
    assert snapshot_of(address) is None
    token = CURRENT.set(Snapshot("s3://b/run", {}))
    try:
        assert (snapshot_of(address) is not None) is covered
    finally:
        CURRENT.reset(token)
