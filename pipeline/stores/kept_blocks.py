"""Blocks of remote files kept on this machine, so that a run asks for each once.

The input of a run is read to cut it into shards, then shard by shard for captions, and again where
it holds pictures; without this each of them asks the store for all of it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.stores.scratch import scratch_root

_FOLDER = "inputs"
_MOST_FULL = 0.9
"""Share of the limit down to which the oldest blocks are removed."""

_lock = threading.Lock()
_limit_bytes = 0
_used_bytes: int | None = None
_opened: set[Path] = set()


@dataclass(frozen=True, slots=True)
class KeptBlocks:
    """The blocks of one file; any process of this machine may add to them.

    Attributes:
        folder: Where they are, a file each.
    """

    folder: Path

    def get(self, start: int, size_bytes: int) -> bytes | None:
        """The block that begins at an offset; None where it is not kept."""
        with suppress(OSError):
            data = (self.folder / str(start)).read_bytes()
            if len(data) == size_bytes:
                return data
        return None

    def put(self, start: int, data: bytes) -> None:
        """Keep a block; a disk that is full, or refuses, costs requests and not the run."""
        path = self.folder / str(start)
        partial = path.with_name(f"{start}.{os.getpid()}.{threading.get_ident()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial.write_bytes(data)
            partial.replace(path)
        except OSError:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            return
        _make_room(len(data))


def keep_inputs(gib: float) -> None:
    """Keep blocks from now on in this process, up to so many GiB on this machine; 0: none."""
    global _limit_bytes, _used_bytes
    _limit_bytes, _used_bytes = int(gib * 2**30), None


def kept_blocks(address: str, size_bytes: int, stamp: str) -> KeptBlocks | None:
    """The blocks of a file; None where none are kept, or its content has no name.

    Args:
        address: Where it lies.
        size_bytes: Its size.
        stamp: What its store says of its content: with another, there are other blocks.
    """
    if not _limit_bytes or not stamp:
        return None
    name = hashlib.sha256(f"{address}\0{size_bytes}\0{stamp}".encode()).hexdigest()[:24]
    folder = scratch_root() / _FOLDER / name
    _opened.add(folder)
    return KeptBlocks(folder)


def forget_inputs() -> None:
    """Remove the blocks of the files that this process has read."""
    for folder in tuple(_opened):
        shutil.rmtree(folder, ignore_errors=True)
    _opened.clear()


def _make_room(added_bytes: int) -> None:
    """Remove the oldest blocks where there are too many."""
    global _used_bytes
    with _lock:
        if _used_bytes is not None:
            _used_bytes += added_bytes
            if _used_bytes <= _limit_bytes:
                return
        found = []
        for path in (scratch_root() / _FOLDER).glob("*/*"):
            with suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_size, path))
        _used_bytes = sum(size for _, size, _ in found)
        if _used_bytes <= _limit_bytes:
            return
        for _, size, path in sorted(found):
            if _used_bytes <= _limit_bytes * _MOST_FULL:
                break
            with suppress(OSError):
                path.unlink()
                _used_bytes -= size
