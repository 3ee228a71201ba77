"""Samples of version 3 are read as if they had been written with the truth flags."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.core.truth import assign_split
from pipeline.shards.document import document_from_json, document_to_json
from pipeline.shards.encode import encode_sample
from pipeline.shards.old_document import renew_document
from pipeline.shards.sidecar import read_sidecar
from pipeline.training.vlm.sample import RawSample, describe
from tests.unit.shards.shard_records import PROVENANCE, draw, make_set

VERSION3 = Path(__file__).resolve().parents[2] / "data" / "version3"
"""Written by the version before, from packaged samples."""


@pytest.mark.parametrize("name", ["causal.json", "full.json"])
def test_flags_and_split_are_derived(name: str) -> None:
    data = (VERSION3 / name).read_bytes()
    old = json.loads(data)
    document = document_from_json(data)
    assert document.schema_version == old["schema_version"] == 3
    assert document.split == assign_split(old["key"])
    assert document.minimal
    for entry, before in zip(document.minimal, old["minimal"], strict=True):
        assert entry.pair_text == before["factual"]
        assert entry.visible == (before["kind"] != "causal_order")
        assert entry.pair_image == "control"
        assert all(piece in entry.factual for piece in entry.old)
        assert all(piece in entry.caption for piece in entry.new)
        kept = ("variant", "kind", "subkind", "factual", "caption", "proposer", "rule")
        assert [str(getattr(entry, field)) for field in kept] == [before[f] for f in kept]
        assert len(entry.replacements) == len(before["replacements"])
    for scene in document.full:
        assert (scene.kind, scene.factual) == ("full", document.caption)
    pictured = {entry.variant for entry in document.minimal if entry.image_is_negative}
    assert pictured
    assert pictured <= set(old["images"])


@pytest.mark.parametrize("name", ["causal.json", "full.json"])
def test_the_loader_derives_the_same(name: str) -> None:
    data = (VERSION3 / name).read_bytes()
    document = document_from_json(data)
    described = describe(RawSample("a.tar", document.key, {"json": data}))
    assert described.split == document.split
    entries = (*document.minimal, *document.full)
    for entry, seen in zip(entries, (*described.edits, *described.fulls), strict=True):
        assert seen.truth.__slots__
        for flag in seen.truth.__slots__:
            assert getattr(entry, flag) == getattr(seen.truth, flag)


def test_a_new_document_is_not_touched() -> None:
    sample = encode_sample(draw(make_set(0)), jpeg_quality=90, provenance=PROVENANCE)
    data = dict(sample.fields)["json"]
    assert renew_document(data) is data
    assert document_to_json(document_from_json(data)) == data


@pytest.mark.parametrize("gone", ["replacements", "factual", "kind"])
def test_a_damaged_one_is_refused_by_name(gone: str) -> None:
    old = json.loads((VERSION3 / "causal.json").read_bytes())
    del old["minimal"][0][gone]
    with pytest.raises(ValidationError, match=f"minimal.0.{gone}"):
        document_from_json(json.dumps(old).encode())


def test_what_is_no_document_is_given_back() -> None:
    for data in (b"{", b"[]", b'{"schema_version": 3}', b'{"schema_version": "x"}'):
        assert renew_document(data) == data


def test_an_old_sidecar_is_read() -> None:
    rows = list(read_sidecar(VERSION3 / "000000.parquet"))
    assert len(rows) > 12
    assert {row.item for row in rows} >= {"anchor", "edit"}
    assert {(row.shard, row.split, row.file, row.image_is_negative) for row in rows} == {
        (None, None, None, None)
    }
