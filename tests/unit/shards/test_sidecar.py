"""The parquet file of a sidecar: rows come back, damage is found."""

from __future__ import annotations

from pathlib import Path

import pandas
import pyarrow.parquet as pq
import pytest

from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.records import RenderedSet
from pipeline.shards.sidecar import read_sidecar
from pipeline.shards.sidecar_rows import SidecarRow, rows_of
from tests.unit.shards.shard_records import make_reject, make_set, shard_results, write_rows


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [row for result in shard_results(0, 8) for row in rows_of(result)]
    path = tmp_path / "a.parquet"
    first = write_rows(path, rows)
    assert list(read_sidecar(path)) == rows
    assert write_rows(tmp_path / "b.parquet", rows) == first


def test_many_rows_and_none(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rows = [SidecarRow(item="anchor", anchor_id=str(i)) for i in range(20_000)]
    write_rows(path, rows)
    assert list(read_sidecar(path)) == rows
    assert pq.ParquetFile(path).num_row_groups == 3
    write_rows(path, [])
    assert list(read_sidecar(path)) == []


def test_damage_and_other_tables_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    data = write_rows(path, list(rows_of(RenderedSet(make_set(0)))))
    path.write_bytes(data[:-9])
    with pytest.raises(ShardCorruptError, match=r"a\.parquet: it cannot be read"):
        list(read_sidecar(path))
    path.write_bytes(data)
    pq.write_table(pq.read_table(path).drop(["seed"]), path)
    with pytest.raises(ShardCorruptError, match="columns are not a sidecar's"):
        list(read_sidecar(path))
    with pytest.raises(ShardCorruptError, match="cannot be read"):
        list(read_sidecar(tmp_path / "missing.parquet"))


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_rows(path, list(rows_of(make_reject(0))))
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({b"counterfactory.schema_version": b"99"}), path)
    with pytest.raises(ConfigError, match="schema version 99"):
        list(read_sidecar(path))


def test_a_reader_that_knows_nothing_of_integers_with_gaps_keeps_the_seeds(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rows = [row for result in shard_results(0, 8) for row in rows_of(result)]
    write_rows(path, rows)
    frame = pandas.read_parquet(path)
    seeds = [row.seed for row in rows if row.seed]
    assert frame["seed"].dropna().tolist() == seeds
    assert any(int(seed) > 2**53 for seed in seeds)
    edits = frame[(frame["item"] == "edit") & frame["image_is_negative"].fillna(value=False)]
    assert set(edits["file"]) == {"min0.jpg"}
