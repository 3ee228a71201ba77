"""Input files, local or remote: found, checked and opened."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files as package_files
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pipeline.config.source import SAMPLES
from pipeline.core.addresses import public_address
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.sources.open_streams import OPEN_STREAMS, close
from pipeline.sources.remote import open_remote, read_ends, reraise, stat_remote
from pipeline.sources.unpacking import DAMAGE, packing, unpacked, utf8_lines

PACKED_SUFFIXES = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz"}
"""Suffixes of packed files, and what packed them."""

_FINGERPRINT_BYTES = 1 << 20
_FINGERPRINT_TOTAL_BYTES = 1 << 26
_SMALL_BYTES = 1 << 28
"""Of a larger remote input the ends of its files alone are fetched, of others the blocks that hold
them: those will be read anyway, and are kept."""

_AT_ONCE = 16
"""Files that are looked into at a time: those of a store take a moment each."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file of the input.

    Attributes:
        path: Local path or URL, with whatever secret it holds: for opening, never for showing.
        name: What origins call it: its path below the folder that all inputs share.
        size_bytes: Size as stored, packed or not.
        stamp: What a remote store says of the content, such as an etag; empty for local.
        remote: Whether it is read through fsspec.
        packed: Whether it is packed, so that its content cannot be sought in.
    """

    path: str = field(repr=False)
    name: str
    size_bytes: int
    stamp: str
    remote: bool
    packed: bool = False

    @property
    def shown(self) -> str:
        """The path as a message may show it."""
        return public_address(self.path)

    @property
    def suffix(self) -> str:
        """Last suffix of the name, in lower case, without that of a packing."""
        return suffix_of(self.shown)

    @contextmanager
    def opened(
        self, *, unpack: bool = False, encoding: str | None = None, at: int | None = None
    ) -> Iterator[BinaryIO]:
        """Open for reading and seeking; with `unpack` as the UTF-8 text that it holds.

        Args:
            unpack: Whether to unpack and decode.
            encoding: Of the text, where it is not told from the file.
            at: Where reading will begin in a packed text: a stream that was left before it goes
                on from there, and this one will be kept for the next reader.

        Raises:
            TransientError: Reading a remote file failed, also after some tries.
            PermanentError: Reading a local file failed, or a packed file is damaged.
            ConfigError: A remote file is not there, or may not be read.
        """
        try:
            if unpack and at is not None and self.packed:
                yield from self._going_on(encoding, at)
                return
            with _open(self) as raw:
                if unpack:
                    stream = unpacked(raw, self.shown)
                    yield utf8_lines(stream, encoding, self.shown)
                else:
                    yield raw
        except DAMAGE as error:
            # No single row can be blamed: how many lines come before the damage depends
            # on how the file is read.
            raise PermanentError(
                f"{self.shown} is a damaged {packing_name(self)} file ({error}); fetch it again"
            ) from error
        except OSError as error:
            if self.remote:
                reraise(error, self.shown)
            raise PermanentError(f"{self.path} cannot be read: {error}") from error

    def _going_on(self, encoding: str | None, at: int) -> Iterator[BinaryIO]:
        key = (self.path, encoding, self.stamp, _identity(self.path, remote=self.remote))
        found = OPEN_STREAMS.take(key, at)
        if found is None:
            raw = _open(self)
            try:
                stream = utf8_lines(unpacked(raw, self.shown), encoding, self.shown)
            except BaseException:
                raw.close()
                raise
        else:
            stream, raw = found
        try:
            yield stream
        except GeneratorExit:
            # A reader that has read enough.
            OPEN_STREAMS.keep(key, stream, raw)
            raise
        except BaseException:
            close(stream, raw)
            raise
        OPEN_STREAMS.keep(key, stream, raw)


def _identity(path: str, *, remote: bool) -> tuple[int, ...]:
    """What changes where a local file is another than before."""
    if remote:
        return ()
    status = os.stat(path)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def suffix_of(name: str) -> str:
    """Last suffix of a name, in lower case, without that of a packing."""
    path = PurePosixPath(public_address(name))
    return (path.with_suffix("") if path.suffix in PACKED_SUFFIXES else path).suffix.lower()


def packing_name(file: InputFile) -> str:
    """What a packed file is packed with, as its name says."""
    return PACKED_SUFFIXES.get(PurePosixPath(file.shown).suffix.lower(), "gzip")


def _open(file: InputFile) -> BinaryIO:
    if file.remote:
        return open_remote(file.path, file.size_bytes, file.stamp)
    return open(file.path, "rb", buffering=1 << 16)


def resolve(pattern: str, *, suffixes: tuple[str, ...] = ()) -> tuple[InputFile, ...]:
    """Find every file of an input: a path, a URL, a brace pattern or the packaged sample.

    A local folder stands for the files below it that end in one of `suffixes`, as Spark,
    Dask and `datasets` write a table; names that begin with `_` or `.` are theirs.

    Raises:
        ConfigError: The pattern is wrong, or a file is missing, empty or unreadable.
    """
    paths = [file for path in _expand(pattern) for file in _inside(path, suffixes)]
    found = [_stat(path) for path in paths]
    return tuple(
        InputFile(path, name, size, stamp, is_remote(path), packed)
        for path, name, (size, stamp, packed) in zip(paths, _names(paths), found, strict=True)
    )


def _expand(pattern: str) -> list[str]:
    if pattern.startswith("sample:"):
        if pattern not in SAMPLES:
            raise ConfigError(
                f"there is no {pattern!r}; the packaged samples are {' and '.join(SAMPLES)}"
            )
        return [str(package_files("pipeline.sources").joinpath("sample", SAMPLES[pattern][1]))]
    if not pattern.strip():
        raise ConfigError("source.input is empty; name a file, a URL or a brace pattern")
    pattern = pattern.removeprefix("file://")
    if "{" not in pattern and "}" not in pattern:
        return [pattern]
    if not is_remote(pattern) and Path(pattern).is_file():
        return [pattern]
    from braceexpand import braceexpand

    shown = repr(public_address(pattern))
    try:
        paths = list(braceexpand(pattern))
    except ValueError as error:
        raise ConfigError(
            f"source.input {shown}: {error}; a pattern looks like shard-{{000..012}}.tar"
        ) from error
    if len(set(paths)) < len(paths):
        raise ConfigError(f"source.input {shown} names a file twice; name each once")
    if paths == [pattern]:
        raise ConfigError(
            f"source.input {shown}: the braces hold no list and no range, and no file "
            "has this name; a pattern looks like shard-{000..012}.tar"
        )
    return paths


def _inside(path: str, suffixes: tuple[str, ...]) -> list[str]:
    if not suffixes or is_remote(path) or not os.path.isdir(path):
        return [path]
    found = [
        file
        for file in Path(path).rglob("*")
        if file.is_file()
        and file.stat().st_size
        and suffix_of(file.name) in suffixes
        and not any(part[0] in "._" for part in file.relative_to(path).parts)
    ]
    return [str(file) for file in sorted(found)] or [path]


def is_remote(path: str) -> bool:
    """Whether it is an address, which fsspec opens."""
    return "://" in path


def _stat(path: str) -> tuple[int, str, bool]:
    """Size, content stamp and whether it is packed, of a file that can be read."""
    if is_remote(path):
        size, stamp = stat_remote(path)
        packed = public_address(path).endswith(tuple(PACKED_SUFFIXES))
    else:
        size, packed = _stat_local(path)
        stamp = ""
    if size == 0:
        raise ConfigError(f"input {public_address(path)} is empty; name a file with rows")
    return size, stamp, packed


def _stat_local(path: str) -> tuple[int, bool]:
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise ConfigError(
                f"input {path} is a folder without files that are read; name a file, or several "
                f"with a brace pattern such as {path.rstrip('/')}/{{00000..00009}}.tar"
            )
        if not stat.S_ISREG(status.st_mode):
            raise ConfigError(f"input {path} is no regular file; sources must seek: save it first")
        with open(path, "rb") as stream:
            packed = packing(stream.read(16)) is not None
    except FileNotFoundError as error:
        hint = "; `*` is not expanded, use {000..012}" if "*" in path else ""
        raise ConfigError(f"input {path} does not exist; check source.input{hint}") from error
    except OSError as error:
        raise ConfigError(f"input {path} cannot be read: {error.strerror}") from error
    return status.st_size, packed


def _names(paths: list[str]) -> list[str]:
    """Shortest names that tell the files apart: without the folders that all share."""
    parts = [PurePosixPath(public_address(path)).parts for path in paths]
    shared = len(os.path.commonprefix([list(folders[:-1]) for folders in parts]))
    return ["/".join(folders[shared:]) for folders in parts]


def fingerprint(files: tuple[InputFile, ...]) -> str:
    """Name of the content as far as a cheap look tells: sizes, and both ends of each file.

    Names and places do not count, so that a moved or copied input keeps its fingerprint.
    """
    edge = min(_FINGERPRINT_BYTES, max(4096, _FINGERPRINT_TOTAL_BYTES // len(files)))
    digest = hashlib.sha256()
    small = sum(file.size_bytes for file in files) <= _SMALL_BYTES
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        ends = pool.map(lambda file: _ends(file, edge, blocks=small), files)
        for file, both in zip(files, ends, strict=True):
            digest.update(f"{file.size_bytes};;".encode())
            digest.update(both)
    return digest.hexdigest()[:16]


def _ends(file: InputFile, edge: int, *, blocks: bool) -> bytes:
    """The first and the last bytes of a file; with `blocks`, those that hold them are read."""
    if file.remote and not blocks:
        return read_ends(file.path, file.size_bytes, edge)
    with file.opened() as stream:
        first = stream.read(edge)
        stream.seek(max(0, file.size_bytes - edge))
        return first + stream.read(edge)


def stamps(files: tuple[InputFile, ...]) -> str:
    """Name of what stores say of remote files, such as their etags."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.size_bytes};{file.stamp};".encode())
    return digest.hexdigest()[:16]
