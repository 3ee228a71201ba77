"""The json of a sample goes to bytes and back, and nothing else passes for one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError

from pipeline.core.records import NeutralCaption
from pipeline.shards.document import SampleDocument, document_from_json, document_to_json
from pipeline.shards.encode import encode_sample
from tests.unit.shards.shard_records import PROVENANCE, draw, make_set


def stored() -> bytes:
    sample = encode_sample(draw(make_set(0)), jpeg_quality=90, provenance=PROVENANCE)
    return dict(sample.fields)["json"]


def test_bytes_become_the_document_and_the_same_bytes() -> None:
    document = document_from_json(stored())
    assert isinstance(document, SampleDocument)
    assert document_to_json(document) == stored()
    assert document.captions() == make_set(0).captions()


@pytest.mark.parametrize(
    ("field", "value"),
    [("caption", 7), ("minimal", [{"variant": "min0"}]), ("images", {"factual": {"file": "jpg"}})],
)
def test_a_field_of_another_type_is_refused(field: str, value: object) -> None:
    raw = json.loads(stored()) | {field: value}
    with pytest.raises(ValidationError, match=field):
        document_from_json(json.dumps(raw).encode())


def test_a_document_without_a_field_is_refused() -> None:
    raw = json.loads(stored())
    del raw["original_caption"]
    with pytest.raises(ValidationError, match="original_caption"):
        document_from_json(json.dumps(raw).encode())


def test_what_was_kept_out_of_a_picture_is_written_where_something_was() -> None:
    rendered = draw(make_set(0))
    last = replace(rendered.images[-1], negative_prompt="white")
    told = replace(rendered, images=(*rendered.images[:-1], last))
    sample = encode_sample(told, jpeg_quality=90, provenance=PROVENANCE)
    data = dict(sample.fields)["json"]
    document = document_from_json(data)
    assert document.images[last.variant].negative_prompt == "white"
    assert document_to_json(document) == data
    assert data.count(b"negative_prompt") == 1
    assert b"negative_prompt" not in stored()


def test_neutral_variants_are_written_where_there_are_some() -> None:
    assert b"neutral" not in stored(), "a run without them keeps its bytes"
    reworded = (NeutralCaption("on the grass is a dog", "clause.x"), NeutralCaption("b", "synonym"))
    rendered = draw(replace(make_set(0), neutral=reworded))
    fields = dict(encode_sample(rendered, jpeg_quality=90, provenance=PROVENANCE).fields)
    document = document_from_json(fields["json"])
    assert [(one.variant, one.kind, one.caption, one.rule) for one in document.neutral] == [
        ("neutral0", "clause", "on the grass is a dog", "clause.x"),
        ("neutral1", "synonym", "b", "synonym"),
    ]
    assert document_to_json(document) == fields["json"]
    # No text of their own: who reads every text but `txt` as false must not meet them.
    assert not [name for name in fields if name.startswith("neutral")]
