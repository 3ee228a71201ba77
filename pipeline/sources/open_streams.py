"""Unpacked files that stay open between two readings, so that the next goes on and not from start.

A packed file can only be read forward. Its shards are read one after the other, each behind the
one before: a reader that begins where the last one ended costs no more than the rows it reads.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Hashable
from contextlib import suppress
from typing import BinaryIO

MOST_OPEN = 6
"""Streams that are kept: the caption and the image stage may each read two files."""


class OpenStreams:
    """Streams that nobody reads at present. Safe with threads: a stream is one reader's."""

    def __init__(self) -> None:
        self._free: list[tuple[Hashable, BinaryIO, BinaryIO]] = []
        self._lock = threading.Lock()
        atexit.register(self.close)

    def take(self, key: Hashable, offset: int) -> tuple[BinaryIO, BinaryIO] | None:
        """The stream of a file that has come nearest to an offset and not beyond, with its file."""
        with self._lock:
            fitting = [
                (stream.tell(), number)
                for number, (name, stream, _) in enumerate(self._free)
                if name == key and stream.tell() <= offset
            ]
            if not fitting:
                return None
            _, stream, raw = self._free.pop(max(fitting)[1])
            return stream, raw

    def keep(self, key: Hashable, stream: BinaryIO, raw: BinaryIO) -> None:
        """Keep a stream for the next reader; the one that was kept longest may be closed."""
        with self._lock:
            self._free.append((key, stream, raw))
            old = self._free[:-MOST_OPEN]
            del self._free[:-MOST_OPEN]
        for _, old_stream, old_raw in old:
            close(old_stream, old_raw)

    def close(self) -> None:
        """Close all."""
        with self._lock:
            old, self._free = self._free, []
        for _, stream, raw in old:
            close(stream, raw)


def close(stream: BinaryIO, raw: BinaryIO) -> None:
    """Close a stream and the file below it."""
    with suppress(OSError, ValueError):
        stream.close()
    with suppress(OSError, ValueError):
        raw.close()


OPEN_STREAMS = OpenStreams()
"""Of this process."""
