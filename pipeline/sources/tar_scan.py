"""Walk through a tar by seeking, and notice every kind of damage.

`tarfile`'s own iteration ends silently at a broken header and remembers every member;
here damage is an exception, and memory does not grow with the archive.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO


class TarDamage(Exception):  # noqa: N818 - a finding about the file, turned into a reject
    """The archive cannot be read from here on."""


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


def members(stream: BinaryIO, size_bytes: int, offset: int = 0) -> Iterator[Member]:
    """Yield the regular files of an uncompressed tar from a header's offset on.

    The stream may be moved between two members.

    Raises:
        TarDamage: A header is broken, the last member is cut, or the end mark is missing.
    """
    stream.seek(offset)
    try:
        # Opening reads the first header, and so checks that this is a tar.
        archive = tarfile.TarFile(fileobj=stream, mode="r", errors="surrogateescape")
    except (tarfile.TarError, ValueError) as error:
        raise TarDamage(f"no tar header at byte {offset} ({error})") from error
    while True:
        stream.seek(offset)
        try:
            info = tarfile.TarInfo.fromtarfile(archive)
        except (tarfile.HeaderError, ValueError) as error:
            if _is_end(stream, offset):
                return
            what = "it ends without the end mark" if offset >= size_bytes else "broken header"
            raise TarDamage(f"{what} at byte {offset} of {size_bytes} ({error})") from error
        end = info.offset_data + info.size
        if end > size_bytes or info.size < 0:
            raise TarDamage(f"{info.name!r} is cut: it should end at byte {end} of {size_bytes}")
        if info.isreg():
            yield Member(info.name, offset, info.offset_data, info.size)
        offset = archive.offset


def _is_end(stream: BinaryIO, offset: int) -> bool:
    """Whether the end mark, a block of zeros, stands here."""
    stream.seek(offset)
    block = stream.read(tarfile.BLOCKSIZE)
    return len(block) == tarfile.BLOCKSIZE and not block.strip(b"\0")


def read_member(stream: BinaryIO, member: Member) -> bytes:
    """Read a member whole; check its size first."""
    stream.seek(member.data_offset)
    return stream.read(member.size_bytes)
