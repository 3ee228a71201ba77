"""Counts of rows, and sums of counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.core.records import RenderedSet
from pipeline.core.stage import Rejected, TokenShare
from pipeline.shards.counts import AnswerCounts, MadeRefused, Tally, TokensUsed
from pipeline.shards.sidecar import read_sidecar
from pipeline.shards.sidecar_rows import SidecarRow, rows_of
from tests.unit.shards.shard_records import make_set, shard_results, write_rows


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
    write_rows(tmp_path / "a.parquet", rows)
    tally, total = Tally(), Tally()
    for row in read_sidecar(tmp_path / "a.parquet"):
        tally.add(row)
    total.add_counts(tally.counts())
    assert total.counts().tokens == {
        "edits/count": TokensUsed(65, 7),
        "edits/full": TokensUsed(40, 4),
    }
    assert total.counts().rows == 2


def test_what_became_of_a_models_answers_is_counted_and_adds_up() -> None:
    rows = [
        SidecarRow(item="anchor", anchor_id="a"),
        SidecarRow(item="edit", anchor_id="a", kind="object", variant="min0", proposer="llm:m"),
        SidecarRow(item="edit", anchor_id="a", kind="object", variant="min1", proposer="rules"),
        SidecarRow(item="full", anchor_id="a", variant="full0", proposer="llm:m"),
        SidecarRow(item="edit", anchor_id="a", status="rejected", reason="text.synonym",
                   proposer="llm:m"),
        SidecarRow(item="edit", anchor_id="a", status="rejected", reason="text.synonym"),
        SidecarRow(item="answer", anchor_id="a", kind="once"),
        SidecarRow(item="anchor", anchor_id="b", status="rejected", reason="text.no_edit"),
        SidecarRow(item="answer", anchor_id="b", status="rejected", reason="llm.refused"),
        SidecarRow(item="anchor", anchor_id="c"),
        SidecarRow(item="answer", anchor_id="c", kind="again"),
    ]  # fmt: skip
    tally = Tally()
    for row in rows:
        tally.add(row)
    counts = tally.counts()
    said = counts.answers
    assert said == AnswerCounts(1, 1, {"llm.refused": 1}, 2, {"text.synonym": 1})
    assert said.asked == 3
    assert counts.refused == {"text.synonym": 2}, "an answer is no caption"
    both = Tally()
    both.add_counts(counts)
    both.add_counts(counts)
    assert both.counts().answers == AnswerCounts(2, 2, {"llm.refused": 2}, 4, {"text.synonym": 2})
