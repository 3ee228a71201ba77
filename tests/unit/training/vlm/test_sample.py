"""What is read of a sample's json, and what is derived where a sample is old."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.records import EditKind
from pipeline.core.truth import PairTruth, assign_split
from pipeline.training.vlm.sample import KINDS, RawSample, describe

DOCUMENT: dict[str, Any] = {
    "schema_version": 3,
    "key": "k",
    "caption": "a red car",
    "minimal": [
        {"variant": "min0", "kind": "negation", "subkind": "both_sides", "caption": "a blue car",
         "factual": "a red car, not a blue one"},
    ],
    "full": [{"variant": "full0", "caption": "a lake"}],
    "images": {name: {"file": file}
               for name, file in [("factual", "jpg"), ("control", "jpg"), ("min0", "min0.jpg")]},
}  # fmt: skip


def read(document: Any, key: str = "k") -> Any:
    return describe(RawSample("a.tar", key, {"json": json.dumps(document).encode()}))


def test_an_old_sample_gets_the_derived_flags() -> None:
    found = read(DOCUMENT)
    assert found.split == assign_split("k")
    (edit,), (full,) = found.edits, found.fulls
    assert edit.truth == PairTruth("a red car, not a blue one", "control", "own", True, True, True)
    assert (edit.kind, edit.subkind, edit.file) == ("negation", "both_sides", "min0.jpg")
    assert (full.caption, full.file, full.truth.pair_text) == ("a lake", None, "a red car")


def test_what_the_file_says_wins() -> None:
    flags = {
        "pair_text": "p", "pair_image": "factual", "image": "shared",
        "image_is_negative": False,
        "contradicts_caption": False, "visible": False,
    }  # fmt: skip
    entry = DOCUMENT["minimal"][0] | flags
    newer = {"schema_version": 4, "minimal": [entry], "split": "test", "added_later": 1}
    found = read(DOCUMENT | newer)
    assert found.edits[0].truth == PairTruth("p", "factual", "shared", False, False, False)
    assert found.split == "test"


def test_the_weight_of_an_edit_is_read_where_a_run_weighs_edits() -> None:
    assert read(DOCUMENT).edits[0].weight is None
    weighed = {"minimal": [DOCUMENT["minimal"][0] | {"weight": 0.25}]}
    assert read(DOCUMENT | weighed).edits[0].weight == 0.25


@pytest.mark.parametrize("broken", [[], {"schema_version": 3}, DOCUMENT | {"images": None}])
def test_another_json_is_refused_with_shard_and_key(broken: Any) -> None:
    with pytest.raises(ShardCorruptError, match=r"a.tar: the json of sample k is none"):
        read(broken)


def test_what_cannot_be_read_is_named() -> None:
    with pytest.raises(ShardCorruptError, match="sample k has no json"):
        describe(RawSample("a.tar", "k", {"txt": b"a red car"}))
    with pytest.raises(ShardCorruptError, match="a.tar: the json of sample k"):
        describe(RawSample("a.tar", "k", {"json": b"{"}))
    with pytest.raises(ConfigError, match="schema version 99, newer than 4; update"):
        read(DOCUMENT | {"schema_version": 99})


def test_the_kinds_are_those_of_the_records() -> None:
    assert set(KINDS) == {str(kind) for kind in EditKind}
