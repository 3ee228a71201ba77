"""One set becomes the fields of one sample."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import StageContractError
from pipeline.core.records import FullCaption, RenderedImage, RenderedSet
from pipeline.shards.document import document_from_json
from pipeline.shards.encode import encode_jpeg, encode_sample
from tests.unit.shards.shard_records import PROVENANCE, draw, make_set, own_image, pixels


def encode(rendered: RenderedSet) -> dict[str, bytes]:
    sample = encode_sample(rendered, jpeg_quality=90, provenance=PROVENANCE)
    assert sample.key == rendered.cfset.anchor.anchor_id
    return dict(sample.fields)


def test_a_caption_only_sample() -> None:
    cfset = make_set(0)
    fields = encode(RenderedSet(cfset))
    document = document_from_json(fields.pop("json"))
    assert {name: data.decode() for name, data in fields.items()} == {
        "txt": cfset.anchor.caption,
        "min0.txt": "a blue dog number 0 on the grass.",
        "min1.txt": "it rained because the grass is wet.",
        "min1.factual.txt": "the grass is wet because it rained.",
        "full0.txt": "a cat sleeps in a kitchen.",
    }
    assert document.images == {}
    assert document.captions() == cfset.captions()
    assert document.original_caption == cfset.anchor.original_caption
    assert document.provenance == PROVENANCE


def test_spans_in_the_json_point_at_the_changed_words() -> None:
    raw = json.loads(encode(RenderedSet(make_set(0)))["json"])
    for edit in raw["minimal"]:
        for piece, (start, end) in zip(edit["replacements"], edit["caption_spans"], strict=True):
            assert edit["factual"][piece["start"] : piece["end"]] == piece["old"]
            assert edit["caption"][start:end] == piece["new"]
    assert [edit["kind"] for edit in raw["minimal"]] == ["attribute", "causal_order"]
    assert raw["minimal"][0]["replacements"][0]["role"] == "edit"


def test_a_drawn_control_takes_the_place_of_the_missing_picture_once() -> None:
    fields = encode(draw(make_set(0)))
    images = document_from_json(fields["json"]).images
    assert {name for name in fields if name.endswith("jpg")} == {
        "jpg", "min0.jpg", "min1.jpg", "full0.jpg",
    }  # fmt: skip
    assert images["factual"] == images["control"]
    assert images["control"].file == "jpg"
    assert images["control"].origin == "drawn"
    assert images["control"].seed == 2**62


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_the_anchors_own_bytes_are_kept(extension: str) -> None:
    own = own_image(5, extension)
    fields = encode(draw(make_set(0, own)))
    images = document_from_json(fields["json"]).images
    assert fields[extension] == own.data
    assert images["factual"].file == extension
    assert images["factual"].origin == "anchor"
    assert images["factual"].seed is None
    assert images["control"].file == "control.jpg"
    assert Image.open(io.BytesIO(fields["control.jpg"])).size == (24, 16)
    assert set(images) == {"factual", "control", "min0", "min1", "full0"}


def test_jpeg_bytes_depend_on_pixels_and_quality_alone() -> None:
    picture = pixels(1, 64, 48)
    flipped = picture[::-1]
    assert encode_jpeg(picture, quality=90) == encode_jpeg(picture.copy(), quality=90)
    assert encode_jpeg(flipped, quality=90) == encode_jpeg(np.array(flipped), quality=90)
    assert len(encode_jpeg(picture, quality=95)) > len(encode_jpeg(picture, quality=40))
    smooth = np.zeros((48, 64, 3), np.uint8)
    smooth[..., 0] = np.arange(64)[None, :] * 4
    decoded = np.asarray(Image.open(io.BytesIO(encode_jpeg(smooth, quality=95))))
    assert decoded.shape == smooth.shape
    assert np.abs(decoded.astype(int) - smooth).mean() < 3


def test_the_order_of_provenance_does_not_matter() -> None:
    rendered = RenderedSet(make_set(0))
    backwards = dict(reversed(PROVENANCE.items()))
    assert encode_sample(rendered, jpeg_quality=90, provenance=backwards) == encode_sample(
        rendered, jpeg_quality=90, provenance=PROVENANCE
    )


def test_a_picture_of_no_caption_is_an_error() -> None:
    cfset = make_set(0)
    stray = RenderedImage("min7", pixels(0), "a blue dog", 1, "same_noise")
    with pytest.raises(StageContractError, match="'min7' belongs to no caption"):
        encode(RenderedSet(cfset, (stray,)))


def test_text_without_a_utf8_form_is_an_error_that_names_the_anchor() -> None:
    cfset = replace(make_set(0), full=(FullCaption("half \ud83d", "llm:x"),))
    with pytest.raises(StageContractError, match=cfset.anchor.anchor_id):
        encode(RenderedSet(cfset))


def test_an_edit_that_no_picture_shows_says_that_it_shares_the_factual_one() -> None:
    drawn = draw(make_set(0))
    without = replace(drawn, images=tuple(i for i in drawn.images if i.variant != "min1"))
    fields = encode(without)
    colour, causal = document_from_json(fields["json"]).minimal
    assert (colour.image, causal.image) == ("own", "shared")
    assert "min1.jpg" not in fields


def test_a_weight_is_written_where_edits_are_weighted() -> None:
    cfset = make_set(0)
    assert b'"weight"' not in encode(RenderedSet(cfset))["json"]
    weighted = replace(cfset, minimal=tuple(replace(edit, weight=0.25) for edit in cfset.minimal))
    document = document_from_json(encode(RenderedSet(weighted))["json"])
    assert [edit.weight for edit in document.minimal] == [0.25, 0.25]
