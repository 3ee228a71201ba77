"""Checksums of files, the faults that checks report, and the schema version gate."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.records import SCHEMA_VERSION

REMAKE = "restore it from a copy, or delete the shard's .json receipt and run again"
"""Remedy for a damaged file of a finished shard."""


@dataclass(frozen=True, slots=True)
class FileFault:
    """Something wrong in a run directory.

    Attributes:
        path: The file.
        what: What is wrong, with line, offset or id where there is one.
        remedy: What to do about it.
    """

    path: Path
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}; {self.remedy}"


class CorruptFileError(ShardCorruptError):
    """A fault that stops the reading.

    Attributes:
        fault: What is wrong, and where.
    """

    def __init__(self, fault: FileFault) -> None:
        # The fault is the only argument, so that the error survives pickling.
        super().__init__(fault)
        self.fault = fault


def damaged_at(path: Path, offset: int, what: str) -> CorruptFileError:
    """The error of a shard's tar that is damaged at a byte."""
    return CorruptFileError(FileFault(path, f"at byte {offset}: {what}", REMAKE))


@dataclass(frozen=True, slots=True)
class FileDigest:
    """Name, checksum and size of a finished file.

    Attributes:
        path: Below the run directory, with slashes.
        sha256: 64 hexadecimal digits.
        size_bytes: Length.
    """

    path: str
    sha256: str
    size_bytes: int


class HashingFile:
    """Passes bytes on to a file and keeps their checksum, so that none is read twice."""

    __slots__ = ("_file", "_hash", "size_bytes")

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes) -> None:
        """Write all of `data`."""
        self._file.write(data)
        self._hash.update(data)
        self.size_bytes += len(data)

    @property
    def sha256(self) -> str:
        """Checksum of everything written so far."""
        return self._hash.hexdigest()


def digest_file(path: Path, name: str) -> FileDigest:
    """Read a file and give its digest under the given name.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
        return FileDigest(name, checksum, file.tell())


def refuse_newer_schema(path: Path, version: int) -> None:
    """Refuse data that this version of the code does not know.

    Raises:
        ConfigError: The data is newer.
    """
    if version > SCHEMA_VERSION:
        raise ConfigError(
            f"{path} has schema version {version}, this counterfactory knows up to "
            f"{SCHEMA_VERSION}; install a newer one"
        )


def printable(text: str) -> str:
    r"""Text that has a UTF-8 form: lone surrogates become escapes such as `\udc80`.

    Rejected rows quote their input, and that may hold anything.
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
