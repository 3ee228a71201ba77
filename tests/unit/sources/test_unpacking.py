"""Packed and encoded text is told from its first bytes and read as UTF-8."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable

import pytest

from pipeline.core.errors import ConfigError
from pipeline.sources.unpacking import packing, unpacked, utf8_lines

TEXT = "".join(f"row {i}: a café on the corner 😀\n" for i in range(9000))


@pytest.mark.parametrize(
    ("pack", "name"), [(gzip.compress, "gzip"), (bz2.compress, "bz2"), (lzma.compress, "xz")]
)
def test_packing_is_told_by_content(pack: Callable[[bytes], bytes], name: str) -> None:
    data = pack(TEXT.encode())

    assert packing(data) == name
    assert unpacked(io.BytesIO(data), "x").read() == TEXT.encode()
    with pytest.raises(ConfigError, match="zstd"):
        unpacked(io.BytesIO(b"\x28\xb5\x2f\xfd...."), "x")


@pytest.mark.parametrize(
    ("encoding", "asked"),
    [
        ("utf-8", None), ("utf-16", None), ("utf-16-le", None), ("utf-16-be", None),
        ("utf-32", None), ("utf-16-le", "utf-16-le"), ("gb18030", "gb18030"),
    ],
)  # fmt: skip
def test_every_encoding_gives_the_same_bytes_from_every_offset(
    encoding: str, asked: str | None
) -> None:
    stream = utf8_lines(io.BytesIO(TEXT.encode(encoding)), asked, "x")
    whole = TEXT.encode()

    assert stream.read() == whole
    for offset in (0, 200_000, 100, 150_000):
        stream.seek(offset)
        assert stream.readline() == whole[offset:].partition(b"\n")[0] + b"\n"


def test_bytes_that_do_not_decode_are_no_text() -> None:
    stream = utf8_lines(io.BytesIO(b"a\x81b\n"), "cp1252", "x")

    with pytest.raises(UnicodeDecodeError):
        stream.read().decode()


def test_lone_carriage_returns_end_lines() -> None:
    assert utf8_lines(io.BytesIO(b"a\rb\nc\rd\r"), None, "x").read() == b"a\nb c\nd\n"
    assert utf8_lines(io.BytesIO(b"a\r\nb\rc\r\n"), None, "x").read() == b"a\r\nb\rc\r\n"
