"""The shards of a run are read back, or said to be damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.core.errors import ShardCorruptError
from pipeline.runs.partition import read_partition
from pipeline.shards.layout import RunLayout


@pytest.mark.parametrize(
    "stored",
    [
        {},
        [
            {
                "shard_id": 1,
                "first_row": 0,
                "rows": 3,
                "cursor": "0",
                "duplicates": [],
                "first_rows": [],
            }
        ],
        [
            {
                "shard_id": 0,
                "first_row": 0,
                "rows": 0,
                "cursor": "0",
                "duplicates": [],
                "first_rows": [],
            }
        ],
    ],
)
def test_a_wrong_partition_is_no_empty_run(tmp_path: Path, stored: object) -> None:
    layout = RunLayout(tmp_path)
    layout.partition_json.write_text(json.dumps(stored) if stored else "{")
    with pytest.raises(ShardCorruptError, match=r"partition\.json"):
        read_partition(layout)
