"""What a drawn picture says about itself."""

from __future__ import annotations

import io
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from pipeline.core.records import RenderedImage, RenderedSet
from pipeline.shards.candidates import encode_candidates
from pipeline.shards.encode import encode_image, encode_jpeg, encode_sample
from pipeline.shards.xmp import NAMESPACES, PictureOrigin, run_of, write_packet
from tests.unit.shards.shard_records import PROVENANCE, draw, make_set, own_image, pixels

ORIGIN = PictureOrigin("0a1b2c", "min0", "a blue dog", 2**63 - 1, "prompt_to_prompt", 3, "m", "r")


MADE_BY = {**PROVENANCE, "image_model": "stabilityai/stable-diffusion-xl-base-1.0"}


HOSTILE = (
    "</rdf:li></rdf:Alt><cf:run>0000</cf:run><!-- & ]]> -->",
    '<?xpacket end="w"?>',
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "quotes \" ' and &amp; and emoji 🐕 and 日本語",
    "two\nlines\r\nand\ta tab",
)


RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def read(packet: bytes) -> dict[str, str]:
    """Property → text of a packet, by its full name."""
    text = packet.decode()
    assert text.startswith("<?xpacket begin=")
    assert text.endswith("?>")
    (description,) = ElementTree.fromstring(text).iter(f"{RDF}Description")  # noqa: S314
    return {child.tag: "".join(child.itertext()) for child in description}


def name(prefixed: str) -> str:
    prefix, local = prefixed.split(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def packet_of(jpeg: bytes) -> dict[str, str]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        return read(picture.info["xmp"])


def test_every_drawn_picture_says_that_a_model_made_it_and_how_to_find_it() -> None:
    own = own_image(5, "jpg")
    rendered = draw(make_set(0, own))
    fields = dict(encode_sample(rendered, jpeg_quality=90, provenance=MADE_BY).fields)
    assert fields["jpg"] == own.data, "the anchor's own picture keeps its bytes"
    for image in rendered.images:
        told = packet_of(fields[f"{image.variant}.jpg"])
        source_type = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
        assert told[name("Iptc4xmpExt:DigitalSourceType")] == source_type
        assert told[name("Iptc4xmpExt:AISystemUsed")] == MADE_BY["image_model"]
        assert told[name("dc:description")] == image.prompt
        assert told[name("xmp:CreatorTool")] == "counterfactory"
        assert told[name("cf:run")] == PROVENANCE["config_fingerprint"]
        assert told[name("cf:anchor")] == rendered.cfset.anchor.anchor_id
        assert told[name("cf:variant")] == image.variant
        assert told[name("cf:seed")] == str(image.seed)
        assert told[name("cf:strategy")] == "same_noise"
        assert told[name("cf:candidate")] == "0"


@pytest.mark.parametrize("prompt", HOSTILE)
def test_a_prompt_stays_text(prompt: str) -> None:
    packet = write_packet(replace(ORIGIN, prompt=prompt))
    told = read(packet)
    assert told[name("dc:description")] == prompt
    assert told[name("cf:run")] == "r"
    assert len(told) == len(read(write_packet(ORIGIN)))
    assert packet.count(b"<?xpacket") == 2
    assert run_of(encode_jpeg(pixels(0), quality=90, xmp=packet)) == "r"


def test_characters_that_xml_forbids_are_replaced() -> None:
    told = read(write_packet(replace(ORIGIN, prompt="a\0b\x1b[31m\ud83dc\ufffe")))
    assert told[name("dc:description")] == "a\ufffdb\ufffd[31m\ufffdc\ufffd"


def test_the_longest_prompt_still_fits_a_jpeg() -> None:
    packet = write_packet(replace(ORIGIN, prompt="&" * 200_000))
    jpeg = encode_jpeg(pixels(0), quality=90, xmp=packet)
    assert len(packet_of(jpeg)[name("dc:description")]) == 5_000


def test_a_picture_that_is_real_in_part_says_so() -> None:
    told = read(write_packet(replace(ORIGIN, strategy="inpaint")))
    assert told[name("Iptc4xmpExt:DigitalSourceType")].endswith(
        "/compositeWithTrainedAlgorithmicMedia"
    )


def test_the_pixels_do_not_change_and_equal_pictures_have_equal_bytes() -> None:
    image = RenderedImage("min0", pixels(3), "a blue dog", 7, "same_noise")
    first, second = (
        encode_image("0a", image, jpeg_quality=90, provenance=MADE_BY) for _ in range(2)
    )
    assert first == second
    bare = encode_jpeg(image.pixels, quality=90)
    assert run_of(bare) is None
    with Image.open(io.BytesIO(first)) as told, Image.open(io.BytesIO(bare)) as untold:
        assert np.array_equal(np.asarray(told), np.asarray(untold))


def test_a_stored_file_is_kept_as_it_is() -> None:
    image = RenderedImage("min0", pixels(3), "a blue dog", 7, "same_noise", encoded=b"stored")
    assert encode_image("0a", image, jpeg_quality=90, provenance=MADE_BY) == b"stored"


def test_the_kept_candidate_has_the_bytes_of_the_sample() -> None:
    rendered = draw(make_set(0))
    rendered = RenderedSet(rendered.cfset, rendered.images, rendered.images)
    fields = dict(encode_sample(rendered, jpeg_quality=90, provenance=MADE_BY).fields)
    stored = encode_candidates(rendered, jpeg_quality=90, provenance=MADE_BY)
    assert dict(stored.fields)["min0.c0.jpg"] == fields["min0.jpg"]
