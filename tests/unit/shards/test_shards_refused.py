"""An anchor of which nothing was left keeps the reasons of its candidates."""

from __future__ import annotations

from pathlib import Path

from pipeline.core.stage import Rejected
from pipeline.shards.captions import read_captions, write_captions
from pipeline.shards.layout import RunLayout
from pipeline.shards.sidecar import read_sidecar
from pipeline.shards.writer import write_shard


def test_refused_candidates_of_a_rejected_anchor_reach_the_sidecar(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    candidate = Rejected(
        "ab", "text.synonym", "car is a vehicle", item="edit", kind="object", caption="a vehicle"
    )
    anchor = Rejected(
        "ab", "text.no_edit", "all refused", origin="f:1", refused=(candidate,), tokens_in=7
    )
    captions = write_captions(layout, 0, [anchor])
    assert list(read_captions(layout, 0)) == [anchor]
    receipt = write_shard(
        layout, 0, read_captions(layout, 0), captions=captions, jpeg_quality=90, provenance={}
    )
    first, second = read_sidecar(layout.sidecar(0))
    assert (first.item, first.reason, first.tokens_in) == ("anchor", "text.no_edit", 7)
    assert (second.item, second.reason, second.kind) == ("edit", "text.synonym", "object")
    assert second.anchor_id == "ab"
    assert receipt.counts.rejected == {"text.no_edit": 1}
    assert receipt.counts.refused == {"text.synonym": 1}
    assert receipt.counts.edits["object"].refused == 1
    assert receipt.counts.tokens_in == 7
