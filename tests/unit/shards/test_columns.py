"""Some columns of a sidecar, read fast."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.errors import ShardCorruptError
from pipeline.shards.columns import read_columns, score_names
from pipeline.shards.sidecar import SidecarWriter
from pipeline.shards.sidecar_rows import rows_of
from tests.unit.shards.shard_records import draw, make_reject, make_set, write_rows


def test_the_columns_of_every_row_come_in_the_order_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rows = [row for i in range(3) for row in rows_of(draw(make_set(i)))]
    write_rows(path, rows)
    found = list(read_columns(path, ["seed", "item", "caption"]))
    assert found == [(row.seed, row.item, row.caption) for row in rows]


def test_the_scores_are_those_that_the_run_measures(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    writer = SidecarWriter(("margin", "image_text"))
    writer.add(replace(next(iter(rows_of(draw(make_set(0))))), scores={"margin": 0.5}))
    path.write_bytes(writer.finish())
    assert score_names(path) == ("image_text", "margin")
    assert list(read_columns(path, ["score_margin", "score_image_text"])) == [(0.5, None)]


def test_a_missing_file_or_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(ShardCorruptError, match=r"none\.parquet: it cannot be read"):
        score_names(tmp_path / "none.parquet")
    path = tmp_path / "a.parquet"
    write_rows(path, list(rows_of(make_reject(0))))
    with pytest.raises(ShardCorruptError, match=r"a\.parquet: it cannot be read"):
        list(read_columns(path, ["no such column"]))
