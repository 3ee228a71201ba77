"""Pictures of anchors decode, or the row says what is wrong with them."""

from __future__ import annotations

import struct
import zlib

import pytest

from pipeline.core.records import AnchorImage
from pipeline.core.stage import Fault
from pipeline.sources.pictures import check_picture


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_picture_keeps_its_own_bytes(make, extension: str) -> None:
    data = make.picture(extension, size=(40, 30))

    assert check_picture(data) == AnchorImage(data, extension, 40, 30)


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_cut_picture_is_a_fault_at_every_length(make, extension: str) -> None:
    data = make.picture(extension, size=(64, 64))
    # The last bytes of a jpg are its end mark, those of a png a chunk without pixels.
    lengths = range(0, len(data) - 30, max(1, len(data) // 40))

    for length in lengths:
        found = check_picture(data[:length])
        assert isinstance(found, Fault), length
        assert found.reason == "source.undecodable_image"


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "empty"),
        (b"GIF89a" + b"x" * 20, "GIF"),
        (b"BM" + b"x" * 20, "BMP"),
        (b"<html><body>404</body>", "HTML"),
        (b"\0\0\0\x20ftypavif", "AVIF"),
        (b"no image at all", "no image that is known"),
    ],
)
def test_another_format_is_named(data: bytes, named: str) -> None:
    found = check_picture(data)

    assert isinstance(found, Fault)
    assert found.reason == "source.undecodable_image"
    assert named in found.detail


def test_a_decompression_bomb_is_refused_before_it_unpacks() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000))
        + chunk(b"IEND", b"")
    )

    found = check_picture(bomb)

    assert isinstance(found, Fault)
    assert "60000x60000" in found.detail


def test_a_flipped_byte_never_raises(make) -> None:
    for extension in ("jpg", "png", "webp"):
        data = bytearray(make.picture(extension, size=(32, 32)))
        for index in range(len(data)):
            damaged = bytes(data[:index]) + bytes([data[index] ^ 0xFF]) + bytes(data[index + 1 :])
            assert isinstance(check_picture(damaged), AnchorImage | Fault)
