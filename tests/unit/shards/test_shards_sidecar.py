from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.records import RenderedSet
from pipeline.core.stage import Rejected, TokenShare
from pipeline.shards.counts import MadeRefused, Tally, TokensUsed
from pipeline.shards.sidecar import SidecarWriter, read_sidecar
from pipeline.shards.sidecar_rows import SidecarRow, rows_of
from tests.unit.shards.shard_records import draw, make_reject, make_set, own_image, shard_results


def write(path: Path, rows: list[SidecarRow]) -> bytes:
    writer = SidecarWriter()
    for row in rows:
        writer.add(row)
    path.write_bytes(writer.finish())
    return path.read_bytes()


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [row for result in shard_results(0, 8) for row in rows_of(result)]
    path = tmp_path / "a.parquet"
    first = write(path, rows)
    assert list(read_sidecar(path)) == rows
    assert write(tmp_path / "b.parquet", rows) == first


def test_many_rows_and_none(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rows = [SidecarRow(item="anchor", anchor_id=str(i)) for i in range(20_000)]
    write(path, rows)
    assert list(read_sidecar(path)) == rows
    assert pq.ParquetFile(path).num_row_groups == 3
    write(path, [])
    assert list(read_sidecar(path)) == []


def test_every_source_row_is_one_anchor_row_and_it_comes_first() -> None:
    for result in shard_results(0, 8):
        items = [row.item for row in rows_of(result)]
        assert items[0] == "anchor"
        assert items.count("anchor") == 1


def test_the_columns_of_a_drawn_set() -> None:
    rows = list(rows_of(draw(make_set(3, own_image()))))
    anchor, colour, causal, full, control, *_ = rows
    assert (anchor.variant, anchor.origin) == ("factual", "captions.tsv:4")
    assert (anchor.width_px, anchor.height_px) == (24, 16)
    assert (anchor.tokens_in, anchor.tokens_out) == (103, 10)
    assert (colour.kind, colour.subkind, colour.old, colour.new) == (
        "attribute", "colour", "red", "blue",
    )  # fmt: skip
    assert causal.factual == "the grass is wet because it rained."
    assert (full.item, full.variant, full.proposer) == ("full", "full0", "llm:test")
    assert (control.item, control.variant, control.seed) == ("image", "control", 2**62)
    assert rows[-1].status == "rejected"
    assert (rows[-1].item, rows[-1].reason) == ("edit", "text.not_single_edit")


def test_a_source_row_refused_for_its_edits_is_still_an_anchor_row() -> None:
    (row,) = rows_of(Rejected("00aa", "text.no_edit", item="edit", kind="count"))
    assert (row.item, row.status, row.anchor_id) == ("anchor", "rejected", "00aa")


def test_a_reject_may_quote_anything(tmp_path: Path) -> None:
    rejected = replace(make_reject(0), caption="\ud83d", detail="\udcff", origin="\udc80:1")
    rows = list(rows_of(rejected))
    write(tmp_path / "a.parquet", rows)
    assert list(read_sidecar(tmp_path / "a.parquet")) == rows
    assert rows[0].caption == "\\ud83d"


def test_counts_of_rows_add_up() -> None:
    tally = Tally()
    for result in [*shard_results(0, 8), Rejected("x", "source.empty")]:
        for row in rows_of(result):
            tally.add(row)
    counts = tally.counts()
    assert (counts.rows, counts.samples) == (9, 6)
    assert counts.rejected == {"source.columns": 2, "source.empty": 1}
    assert counts.edits == {
        "attribute": MadeRefused(6, 0),
        "causal_order": MadeRefused(6, 0),
        "count": MadeRefused(0, 6),
    }
    assert counts.full == MadeRefused(6, 0)
    assert counts.refused == {"text.not_single_edit": 6}
    assert (counts.images, counts.anchor_images) == (16, 2)
    assert counts.tokens_out == 60
    total = Tally()
    total.add_counts(counts)
    total.add_counts(counts)
    assert total.counts().edits["count"] == MadeRefused(0, 12)
    assert total.counts().rows == 18


def test_tokens_are_kept_by_stage_and_kind(tmp_path: Path) -> None:
    shares = (TokenShare("edits", "count", 60, 6), TokenShare("edits", "full", 40, 4))
    made = replace(make_set(0), shares=shares)
    refused = Rejected("00aa", "text.no_edit", shares=(TokenShare("edits", "count", 5, 1),))
    rows = [row for result in (RenderedSet(made), refused) for row in rows_of(result)]
    write(tmp_path / "a.parquet", rows)
    tally, total = Tally(), Tally()
    for row in read_sidecar(tmp_path / "a.parquet"):
        tally.add(row)
    total.add_counts(tally.counts())
    assert total.counts().tokens == {
        "edits/count": TokensUsed(65, 7),
        "edits/full": TokensUsed(40, 4),
    }
    assert total.counts().rows == 2


def test_damage_and_other_tables_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    data = write(path, list(rows_of(RenderedSet(make_set(0)))))
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
    write(path, list(rows_of(make_reject(0))))
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({b"counterfactory.schema_version": b"99"}), path)
    with pytest.raises(ConfigError, match="schema version 99"):
        list(read_sidecar(path))
