"""Walk through a tar by seeking, notice every kind of damage, and go on behind it.

`tarfile`'s own iteration ends silently at a broken header and remembers every member;
here damage is an entry of its own, and memory does not grow with the archive.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

_MAGIC = b"ustar"
_MAGIC_OFFSET = 257
_SEARCH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file in a tar.

    Attributes:
        name: Path inside the archive, untrusted.
        header_offset: Where its first header block stands; scanning can begin here.
        data_offset: Where its bytes begin.
        size_bytes: How many there are.
    """

    name: str
    header_offset: int
    data_offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Damage:
    """A place in an archive that cannot be read.

    Attributes:
        offset: Where it begins; scanning can begin here and finds it again.
        what: What was seen.
        name: Of the member that is cut here, where it is known.
    """

    offset: int
    what: str
    name: str = ""


def entries(stream: BinaryIO, size_bytes: int, offset: int = 0) -> Iterator[Member | Damage]:
    """Yield the regular files of an uncompressed tar, and its damage, from an offset on.

    Reading goes on behind damage where another header is found, and behind the end mark where
    archives were joined. The stream may be moved between two entries.
    """
    archive = _reader(stream)
    ended = False
    while True:
        if offset >= size_bytes:
            if not ended:
                yield Damage(size_bytes, f"it ends without the end mark, at byte {size_bytes}")
            return
        stream.seek(offset)
        following: int | None
        try:
            info = tarfile.TarInfo.fromtarfile(archive)
        except (tarfile.HeaderError, ValueError) as error:
            ended = _is_zero(stream, offset)
            following = _next_header(stream, offset + 1, size_bytes)
            if not ended:
                yield Damage(offset, f"broken header at byte {offset} of {size_bytes} ({error})")
            if following is None:
                return
            offset = following
            continue
        ended = False
        end = info.offset_data + info.size
        cut = info.size < 0 or end > size_bytes
        if cut or not _is_sound(stream, archive.offset, size_bytes):
            following = _next_header(stream, info.offset_data, size_bytes)
            # A header inside a member's bytes is that of an archive joined to one that was cut.
            if cut or (following is not None and following < archive.offset):
                what = f"{info.name!r} is cut: it should end at byte {end} of {size_bytes}"
                yield Damage(offset, what, info.name)
                if following is None:
                    return
                offset = following
                continue
        if info.isreg():
            yield Member(info.name, offset, info.offset_data, info.size)
        offset = archive.offset


def _reader(stream: BinaryIO) -> tarfile.TarFile:
    """What `tarfile` needs to take headers apart, without reading the first one."""
    empty = io.BytesIO(bytes(tarfile.RECORDSIZE))
    archive = tarfile.TarFile(fileobj=empty, mode="r", errors="surrogateescape")
    archive.fileobj = stream
    return archive


def _is_sound(stream: BinaryIO, offset: int, size_bytes: int) -> bool:
    """Whether a header, zeros or the end of the file stand here."""
    if offset >= size_bytes:
        return True
    stream.seek(offset)
    block = stream.read(tarfile.BLOCKSIZE)
    return not block.strip(b"\0") or _kind(block) == "header"


def _is_zero(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    return not stream.read(tarfile.BLOCKSIZE).strip(b"\0")


def _kind(block: bytes) -> Literal["header", "other"]:
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return "other"
    return "header"


def _next_header(stream: BinaryIO, offset: int, size_bytes: int) -> int | None:
    """Offset of the next header at or behind `offset`, wherever it stands; None without one."""
    position = offset
    while position < size_bytes:
        stream.seek(position)
        chunk = stream.read(_SEARCH_BYTES + tarfile.BLOCKSIZE)
        index = chunk.find(_MAGIC)
        while index >= 0:
            start = index - _MAGIC_OFFSET
            block = chunk[start : start + tarfile.BLOCKSIZE] if start >= 0 else b""
            if len(block) == tarfile.BLOCKSIZE and _kind(block) == "header":
                return position + start
            index = chunk.find(_MAGIC, index + 1)
        if len(chunk) < _SEARCH_BYTES:
            return None
        position += _SEARCH_BYTES
    return None


def read_member(stream: BinaryIO, member: Member) -> bytes:
    """Read a member whole; check its size first."""
    stream.seek(member.data_offset)
    return stream.read(member.size_bytes)


def read_head(stream: BinaryIO, member: Member, count: int) -> bytes:
    """Read the first bytes of a member."""
    stream.seek(member.data_offset)
    return stream.read(min(count, member.size_bytes))
