"""The rows of a source row: its anchor first, then all that was made or refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.core.stage import Rejected
from pipeline.core.truth import assign_split
from pipeline.shards.sidecar import read_sidecar
from pipeline.shards.sidecar_rows import rows_of
from tests.unit.shards.shard_records import (
    draw,
    make_reject,
    make_set,
    own_image,
    shard_results,
    write_rows,
)


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
    assert (control.item, control.variant, control.seed) == ("image", "control", str(2**62))
    assert (colour.file, colour.seed, colour.width_px) == ("min0.jpg", str(2**62 + 1), 24)
    assert (anchor.file, control.file) == ("png", "control.jpg")
    assert (colour.image_is_negative, causal.image_is_negative) == (True, False)
    assert (full.kind, full.factual) == ("full", anchor.caption)
    assert {row.split for row in rows[:-1]} == {assign_split(anchor.anchor_id)}
    assert {row.shard for row in rows} == {None}
    named = list(rows_of(draw(make_set(3, own_image())), "000007.tar"))
    assert {row.shard for row in named if row.status == "made"} == {"000007.tar"}
    assert rows[-1].status == "rejected"
    assert (rows[-1].item, rows[-1].reason) == ("edit", "text.not_single_edit")


def test_a_source_row_refused_for_its_edits_is_still_an_anchor_row() -> None:
    (row,) = rows_of(Rejected("00aa", "text.no_edit", item="edit", kind="count"))
    assert (row.item, row.status, row.anchor_id) == ("anchor", "rejected", "00aa")


def test_a_reject_may_quote_anything(tmp_path: Path) -> None:
    rejected = replace(make_reject(0), caption="\ud83d", detail="\udcff", origin="\udc80:1")
    rows = list(rows_of(rejected))
    write_rows(tmp_path / "a.parquet", rows)
    assert list(read_sidecar(tmp_path / "a.parquet")) == rows
    assert rows[0].caption == "\\ud83d"


def test_whether_an_answer_could_be_read_has_a_row_and_refusals_name_the_model() -> None:
    lost = Rejected("a", "llm.refused", item="answer", proposer="llm:m")
    rejected = Rejected("a", "text.no_edit", refused=(lost,), answers=("llm.refused",))
    rows = list(rows_of(rejected))
    assert [(row.item, row.status, row.reason, row.proposer) for row in rows[1:]] == [
        ("answer", "rejected", "llm.refused", "llm:m")
    ]
    for answers, kind in ((("read",), "once"), (("llm.bad_answer", "read"), "again")):
        (_, row) = rows_of(Rejected("a", "text.no_edit", answers=answers))
        assert (row.item, row.status, row.kind) == ("answer", "made", kind)
