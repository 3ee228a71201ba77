"""Packed and differently encoded text, read as the UTF-8 lines that it holds.

What a file is packed with and how it is encoded is told from its first bytes, whatever it is
called: Excel calls UTF-16 text `.txt`, and servers unpack `.gz` without renaming it.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from typing import Any, BinaryIO, cast

from pipeline.core.errors import ConfigError

PEEK_BYTES = 1 << 16
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHUNK_BYTES = 1 << 16

_UNDECODABLE = "counterfactory.undecodable"
# What does not decode becomes a lone surrogate, which is no UTF-8, so that its row is refused.
codecs.register_error(_UNDECODABLE, lambda error: ("\udcff", getattr(error, "end", 0)))

DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError)
"""What the standard library raises on packed files that are cut or damaged."""


def packing(head: bytes) -> str | None:
    """Name of what a file that begins so is packed with: "gzip", "bz2", "xz", "zstd" or None."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"BZh") and head[4:10] == b"1AY&SY":
        return "bz2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    return "zstd" if head.startswith(b"\x28\xb5\x2f\xfd") else None


def unpacked(raw: BinaryIO, shown: str) -> BinaryIO:
    """The content of a file, unpacked where it is packed.

    Raises:
        ConfigError: It is packed with something that cannot be read here.
    """
    name = packing(raw.read(16))
    raw.seek(0)
    if name == "gzip":
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw, mode="rb"))
    if name == "bz2":
        return cast("BinaryIO", bz2.BZ2File(raw))
    if name == "xz":
        return cast("BinaryIO", lzma.LZMAFile(raw))
    if name == "zstd":
        raise ConfigError(f"input {shown} is packed with zstd, which is not read; unpack it first")
    return raw


def utf8_lines(stream: BinaryIO, encoding: str | None, shown: str) -> BinaryIO:
    """The same text as UTF-8 with LF or CRLF line ends; the stream itself where it is so already.

    Raises:
        ConfigError: There is no such encoding.
    """
    head = stream.read(PEEK_BYTES)
    stream.seek(0)
    found = _encoding(head, encoding, shown)
    if found is not None:
        name, mark_bytes = found
        stream = cast(
            "BinaryIO",
            io.BufferedReader(_Transcoded(stream, name, mark_bytes), buffer_size=_CHUNK_BYTES),
        )
        head = stream.read(PEEK_BYTES)
        stream.seek(0)
    # LF alone may stand inside a cell of such a file, too.
    if head.count(b"\r") - head.count(b"\r\n") > head.count(b"\n"):
        lines = io.BufferedReader(_UnixLines(stream), buffer_size=_CHUNK_BYTES)
        return cast("BinaryIO", lines)
    return stream


def _encoding(head: bytes, asked: str | None, shown: str) -> tuple[str, int] | None:
    """Codec and length of the mark; None for UTF-8."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, len(mark)
    if asked is not None:
        try:
            name = codecs.lookup(asked).name
        except LookupError as error:
            raise ConfigError(
                f"source.encoding {asked!r}, for input {shown}, is no encoding that is known; "
                "name one such as cp1252, latin-1, utf-16 or shift_jis"
            ) from error
        return None if name in {"utf-8", "utf-8-sig", "ascii"} else (name, 0)
    # Without a mark: every other byte of Latin text is zero.
    if len(head) >= 8:
        half = len(head) // 2
        if head[1::2].count(0) > 0.7 * half and head[0::2].count(0) < 0.1 * half:
            return "utf-16-le", 0
        if head[0::2].count(0) > 0.7 * half and head[1::2].count(0) < 0.1 * half:
            return "utf-16-be", 0
    return None


class _Transcoded(io.RawIOBase):
    """Text of another encoding as UTF-8; seeking back reads again from the beginning."""

    def __init__(self, stream: BinaryIO, encoding: str, mark_bytes: int) -> None:
        self._stream = stream
        self._encoding = encoding
        self._mark_bytes = mark_bytes
        self._restart()

    def _restart(self) -> None:
        self._stream.seek(self._mark_bytes)
        self._decoder = codecs.getincrementaldecoder(self._encoding)(_UNDECODABLE)
        self._position = 0
        self._ready = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always, though not quickly."""
        return True

    def tell(self) -> int:
        """Offset in the UTF-8 text."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to an offset of the UTF-8 text."""
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("only offsets from the beginning")
        if offset < self._position:
            self._restart()
        scratch = bytearray(_CHUNK_BYTES)
        while self._position < offset:
            wanted = memoryview(scratch)[: offset - self._position]
            if not self.readinto(wanted):
                break
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Decode more where nothing is ready."""
        while not self._ready:
            data = self._stream.read(_CHUNK_BYTES)
            text = self._decoder.decode(data, final=not data)
            self._ready = text.encode("utf-8", "surrogatepass")
            if not data and not self._ready:
                return 0
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        self._position += count
        return count


class _UnixLines(io.RawIOBase):
    """Lines that end in CR alone, as old Macintosh programs write them, with LF instead.

    LF ends no line there: inside a cell it becomes a space.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always: offsets are those of the file."""
        return True

    def tell(self) -> int:
        """Offset in the file."""
        return self._stream.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move in the file."""
        return self._stream.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        """Read with every CR as LF, and every LF as a space."""
        data = self._stream.read(len(buffer)).replace(b"\n", b" ").replace(b"\r", b"\n")
        buffer[: len(data)] = data
        return len(data)
