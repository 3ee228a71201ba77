"""The samples of one tar, in order, as a stream that hides no damage."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import IO

import fsspec

from pipeline.core.errors import ShardCorruptError
from pipeline.stores.path import StorePath
from pipeline.training.vlm.sample import RawSample


def stream_samples(shard: str, wants: Callable[[str], bool]) -> Iterator[RawSample]:
    """Yield the samples of a tar; one in memory at a time.

    Args:
        shard: Path or fsspec address.
        wants: Whether a field is to be read; the bytes of others are passed over.

    Raises:
        ShardCorruptError: The tar is missing, truncated or damaged; names it and the offset.
        TransientError: Its store does not answer.
    """
    key = ""
    fields: dict[str, bytes] = {}
    for name, data in _members(shard, wants):
        new_key, _, field = name.rpartition("/")[2].partition(".")
        if new_key != key:
            if fields:
                yield RawSample(shard, key, fields)
            key, fields = new_key, {}
        if data is not None:
            fields[field] = data
    if fields:
        yield RawSample(shard, key, fields)


def _members(shard: str, wants: Callable[[str], bool]) -> Iterator[tuple[str, bytes | None]]:
    """Yield name and content; None for what nobody wants."""
    try:
        with _opened(shard) as file:
            yield from _read(shard, file, wants)
    except FileNotFoundError as error:
        raise ShardCorruptError(
            f"shard {shard} is missing; restore it, or leave it out of the list of shards"
        ) from error


def _opened(shard: str) -> AbstractContextManager[IO[bytes]]:
    """Open a tar; one of a store is read on where the store fails for a moment."""
    if "://" in shard and "::" not in shard and not shard.lower().startswith(("http", "file:")):
        return StorePath(shard).open("rb")
    opened: AbstractContextManager[IO[bytes]] = fsspec.open(shard, "rb")
    return opened


def _read(
    shard: str, file: IO[bytes], wants: Callable[[str], bool]
) -> Iterator[tuple[str, bytes | None]]:
    offset = 0
    try:
        with tarfile.TarFile(fileobj=file, encoding="utf-8", errors="surrogateescape") as tar:
            while True:
                file.seek(offset)
                # `tar.next` takes a damaged header for the end; this raises instead.
                info = tarfile.TarInfo.fromtarfile(tar)
                if info.isreg():
                    data = _body(shard, file, info) if wants(_field(info.name)) else None
                    yield info.name, data
                offset = tar.offset
    except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
        return
    except (tarfile.HeaderError, tarfile.ReadError) as error:
        raise _damaged(shard, offset, str(error)) from error


def _field(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[2]


def _body(shard: str, file: IO[bytes], info: tarfile.TarInfo) -> bytes:
    file.seek(info.offset_data)
    data = file.read(info.size)
    if len(data) != info.size:
        raise _damaged(shard, info.offset, f"{info.name} is cut off")
    return data


def _damaged(shard: str, offset: int, what: str) -> ShardCorruptError:
    return ShardCorruptError(
        f"shard {shard} is damaged at byte {offset}: {what}; fetch it again, or run "
        "`counterfactory verify` where it was made"
    )
