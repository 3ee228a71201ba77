"""Input files, local or remote: found, checked and opened."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from pipeline.config.source import SAMPLES
from pipeline.core.errors import ConfigError, PermanentError, TransientError

_FINGERPRINT_BYTES = 1 << 20
_FINGERPRINT_TOTAL_BYTES = 1 << 26
_STAMP_KEYS = ("ETag", "etag", "md5Hash", "crc32c", "generation", "checksum", "LastModified",
               "last_modified", "updated", "mtime", "modified", "created")  # fmt: skip


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file of the input.

    Attributes:
        path: Local path or URL.
        name: What origins call it: its path below the folder that all inputs share.
        size_bytes: Size as stored, packed or not.
        stamp: What a remote store says of the content, such as an etag; empty for local.
        remote: Whether it is read through fsspec.
    """

    path: str
    name: str
    size_bytes: int
    stamp: str
    remote: bool

    @property
    def packed(self) -> bool:
        """Whether it is gzip, by its name."""
        return self.path.endswith(".gz")

    @contextmanager
    def opened(self, *, unpack: bool = False) -> Iterator[BinaryIO]:
        """Open for reading and seeking; with `unpack` gzip is read as its content.

        Raises:
            TransientError: Reading a remote file failed.
            PermanentError: Reading a local file failed, or a gzip file is damaged.
        """
        try:
            with _open(self.path, remote=self.remote) as raw:
                if unpack and self.packed:
                    with gzip.GzipFile(fileobj=raw, mode="rb") as unpacked:
                        yield cast("BinaryIO", unpacked)
                else:
                    yield raw
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            # No single row can be blamed: how many lines come before the damage depends
            # on how the file is read.
            raise PermanentError(
                f"{self.path} is a damaged gzip file ({error}); fetch it again"
            ) from error
        except OSError as error:
            if self.remote:
                raise TransientError(f"{self.path} cannot be read: {error}") from error
            raise PermanentError(f"{self.path} cannot be read: {error}") from error


def _open(path: str, *, remote: bool) -> BinaryIO:
    if not remote:
        return open(path, "rb", buffering=1 << 16)
    import fsspec

    # fsspec's own readline is slow Python; a buffer of the standard library is not.
    return io.BufferedReader(fsspec.open(path, "rb").open(), buffer_size=1 << 20)


def resolve(pattern: str) -> tuple[InputFile, ...]:
    """Find every file of an input: a path, a URL, a brace pattern or the packaged sample.

    Raises:
        ConfigError: The pattern is wrong, or a file is missing, empty or unreadable.
    """
    paths = _expand(pattern)
    found = [_stat(path) for path in paths]
    return tuple(
        InputFile(path, name, size, stamp, _is_remote(path))
        for path, name, (size, stamp) in zip(paths, _names(paths), found, strict=True)
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
    if not _is_remote(pattern) and Path(pattern).is_file():
        return [pattern]
    from braceexpand import braceexpand

    try:
        paths = list(braceexpand(pattern))
    except ValueError as error:
        raise ConfigError(
            f"source.input {pattern!r}: {error}; a pattern looks like shard-{{000..012}}.tar"
        ) from error
    if len(set(paths)) < len(paths):
        raise ConfigError(f"source.input {pattern!r} names a file twice; name each once")
    if paths == [pattern]:
        raise ConfigError(
            f"source.input {pattern!r}: the braces hold no list and no range, and no file has "
            "this name; a pattern looks like shard-{000..012}.tar"
        )
    return paths


def _is_remote(path: str) -> bool:
    return "://" in path


def _stat(path: str) -> tuple[int, str]:
    """Size and content stamp of a file that exists and can be read."""
    size, stamp = _stat_remote(path) if _is_remote(path) else _stat_local(path)
    if size == 0:
        raise ConfigError(f"input {path} is empty; name a file with rows")
    return size, stamp


def _stat_local(path: str) -> tuple[int, str]:
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise ConfigError(
                f"input {path} is a folder; name a file, or several with a brace pattern such "
                f"as {path.rstrip('/')}/{{00000..00009}}.tar"
            )
        if not stat.S_ISREG(status.st_mode):
            raise ConfigError(f"input {path} is no regular file; sources must seek: save it first")
        with open(path, "rb"):
            pass
    except FileNotFoundError as error:
        hint = "; `*` is not expanded, use {000..012}" if "*" in path else ""
        raise ConfigError(f"input {path} does not exist; check source.input{hint}") from error
    except OSError as error:
        raise ConfigError(f"input {path} cannot be read: {error.strerror}") from error
    return status.st_size, ""


def _stat_remote(path: str) -> tuple[int, str]:
    import fsspec

    try:
        filesystem, inner = fsspec.core.url_to_fs(path)
        info = filesystem.info(inner)
    except ImportError as error:
        raise ConfigError(
            f"input {path} needs a package that is not installed: {error}; for S3 and Google "
            "Cloud: pip install 'counterfactory[remote]'"
        ) from error
    except FileNotFoundError as error:
        raise ConfigError(f"input {path} does not exist; check source.input") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"input {path} cannot be read: {error}") from error
    if info.get("type") == "directory":
        raise ConfigError(f"input {path} is a folder; name its files with a brace pattern")
    if info.get("size") is None:
        raise ConfigError(f"input {path}: its server does not tell the size; download it first")
    stamp = next((f"{key}={info[key]}" for key in _STAMP_KEYS if info.get(key)), "")
    return int(info["size"]), stamp


def _names(paths: list[str]) -> list[str]:
    """Shortest names that tell the files apart: without the folders that all share."""
    parts = [PurePosixPath(path).parts for path in paths]
    shared = len(os.path.commonprefix([list(folders[:-1]) for folders in parts]))
    return ["/".join(folders[shared:]) for folders in parts]


def fingerprint(files: tuple[InputFile, ...]) -> str:
    """Name of the content as far as a cheap look tells: sizes, and both ends of each file.

    Names and places do not count, so a moved input keeps its fingerprint.
    """
    edge = min(_FINGERPRINT_BYTES, max(4096, _FINGERPRINT_TOTAL_BYTES // len(files)))
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.size_bytes};{file.stamp};".encode())
        if file.remote:
            continue
        with file.opened() as stream:
            digest.update(stream.read(edge))
            stream.seek(max(0, file.size_bytes - edge))
            digest.update(stream.read(edge))
    return digest.hexdigest()[:16]
