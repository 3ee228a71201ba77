"""Tar files with the same bytes twice, and a reader that lets nothing pass.

Own code, for two reasons. Written are plain USTAR archives, the same bytes that
:mod:`tarfile` makes from the same headers; its `addfile` is not used, because it keeps every
header in memory and copies every body. Its `next` is not used, because it takes a damaged header
for the end.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pipeline.core.errors import StageContractError
from pipeline.core.records import Sample
from pipeline.shards.integrity import (
    REMAKE,
    CorruptFileError,
    FileFault,
    HashingFile,
    damaged_at,
)

_MODE = 0o644


@dataclass(frozen=True, slots=True)
class TarEntry:
    """One file in an archive.

    Attributes:
        name: Name in the archive.
        offset: Of its header, in bytes from the start of the archive.
        data: Its content.
    """

    name: str
    offset: int
    data: bytes = field(repr=False)


class TarWriter:
    """Appends samples to an archive: mtime 0, no owner, mode 0644, fields sorted.

    Attributes:
        out: Where the bytes go, with their checksum.
    """

    __slots__ = ("out",)

    def __init__(self, file: BinaryIO) -> None:
        self.out = HashingFile(file)

    def add(self, sample: Sample) -> None:
        """Append one sample.

        Raises:
            StageContractError: A name is too long for the format (100 bytes).
        """
        for name, data in sorted(sample.fields):
            self.out.write(_header(f"{sample.key}.{name}", len(data)))
            self.out.write(data)
            self.out.write(bytes(-len(data) % tarfile.BLOCKSIZE))

    def finish(self) -> None:
        """Write the end mark; nothing may be added after it."""
        self.out.write(bytes(2 * tarfile.BLOCKSIZE))
        self.out.write(bytes(-self.out.size_bytes % tarfile.RECORDSIZE))


def _header(name: str, size_bytes: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = size_bytes
    info.mode = _MODE
    try:
        return info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")
    except ValueError as error:
        raise StageContractError(
            f"sample field {name!r} cannot be stored in a tar ({error}); anchor ids must be short"
        ) from error


def read_entries(path: Path, keys: Container[str] | None = None) -> Iterator[TarEntry]:
    """Yield every file of an archive that :class:`TarWriter` made.

    Args:
        path: The archive.
        keys: Only the files of these samples; the bodies of the others are passed over and
            not looked at.

    Raises:
        ShardCorruptError: Missing, truncated or not such an archive; names the offset.
    """
    try:
        size_bytes = path.stat().st_size
        with path.open("rb") as file:
            offset = 0
            while (block := file.read(tarfile.BLOCKSIZE)) != bytes(tarfile.BLOCKSIZE):
                entry = _entry(path, file, block, offset, size_bytes, keys)
                if entry is not None:
                    yield entry
                offset = file.tell()
            if size_bytes % tarfile.RECORDSIZE or any(file.read()):
                raise damaged_at(path, offset, "the archive has no proper end")
    except FileNotFoundError as error:
        raise CorruptFileError(FileFault(path, "the file is missing", REMAKE)) from error


def read_samples(
    path: Path, keys: Container[str] | None = None
) -> Iterator[tuple[str, int, dict[str, bytes]]]:
    """Yield each sample's key, the offset of its first header, and its fields; one in memory.

    Args:
        path: The archive.
        keys: Only these samples, as :func:`read_entries`.

    Raises:
        ShardCorruptError: As :func:`read_entries`, or an entry is not `<key>.<field>`, or is
            there twice.
    """
    key = ""
    offset = 0
    fields: dict[str, bytes] = {}
    for entry in read_entries(path, keys):
        new_key, dot, name = entry.name.partition(".")
        if not dot or "/" in new_key or not new_key or not name:
            raise damaged_at(path, entry.offset, f"{entry.name!r} is not <key>.<field>")
        if new_key != key:
            if fields:
                yield key, offset, fields
            key, offset, fields = new_key, entry.offset, {}
        if name in fields:
            raise damaged_at(path, entry.offset, f"{entry.name!r} is there twice")
        fields[name] = entry.data
    if fields:
        yield key, offset, fields


def _entry(
    path: Path,
    file: BinaryIO,
    block: bytes,
    offset: int,
    size_bytes: int,
    keys: Container[str] | None,
) -> TarEntry | None:
    """Parse a header and read its body; None, and pass over it, where it is not asked for."""
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise damaged_at(path, offset, f"no tar header: {error}") from error
    padding = -info.size % tarfile.BLOCKSIZE
    if not info.isreg() or info.size < 0:
        raise damaged_at(path, offset, f"{info.name!r} is not a plain file")
    if offset + len(block) + info.size + padding > size_bytes:
        raise damaged_at(path, offset, f"{info.name!r} is cut off")
    if keys is not None and info.name.partition(".")[0] not in keys:
        file.seek(info.size + padding, os.SEEK_CUR)
        return None
    data = file.read(info.size)
    if any(file.read(padding)):
        raise damaged_at(path, offset, f"{info.name!r} has another length than its header says")
    return TarEntry(info.name, offset, data)
