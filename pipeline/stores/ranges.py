"""A remote file as one that is read and sought in, fetched in blocks."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from typing import Any, BinaryIO

from pipeline.stores.kept_blocks import KeptBlocks

BLOCK_BYTES = 1 << 22


class RangeReader(io.RawIOBase):
    """A file that is fetched in blocks; each must come whole, or it is asked for again."""

    def __init__(
        self,
        filesystem: Any,
        inner: str,
        size_bytes: int,
        ask: Callable[[Callable[[], bytes]], bytes],
        kept: KeptBlocks | None = None,
    ) -> None:
        """Fetch nothing yet.

        Args:
            filesystem: Of fsspec.
            inner: The path in it.
            size_bytes: Of the file.
            ask: Calls what fetches a block, again where the failure may pass.
            kept: Blocks that were fetched before.
        """
        self._filesystem = filesystem
        self._inner = inner
        self._ask = ask
        self._kept = kept
        self._size_bytes = size_bytes
        self._position = 0
        self._block = (-1, b"")
        self._whole: BinaryIO | None = None

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; nothing is fetched."""
        begins = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size_bytes}
        self._position = max(0, begins[whence] + offset)
        return self._position

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._position

    def close(self) -> None:
        """Let go of a copy on disk."""
        if self._whole is not None:
            self._whole.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """Read up to the end of a block."""
        if self._position >= self._size_bytes:
            return 0
        if self._whole is not None:
            self._whole.seek(self._position)
            data = self._whole.read(len(buffer))
        else:
            start = self._position - self._position % BLOCK_BYTES
            if self._block[0] != start:
                self._block = (start, self._load(start))
            inside = self._position - start
            data = self._block[1][inside : inside + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _load(self, start: int) -> bytes:
        if self._kept is None:
            return self._ask(lambda: self._fetch(start))
        data = self._kept.get(start, min(BLOCK_BYTES, self._size_bytes - start))
        if data is None:
            data = self._ask(lambda: self._fetch(start))
            self._kept.put(start, data)
        return data

    def _fetch(self, start: int) -> bytes:
        end = min(start + BLOCK_BYTES, self._size_bytes)
        data: bytes = self._filesystem.cat_file(self._inner, start=start, end=end)
        if len(data) == end - start:
            return data
        if len(data) == self._size_bytes:
            # The server knows no ranges and sends everything: keep it, once.
            self._whole = tempfile.TemporaryFile(prefix="counterfactory-input-")  # noqa: SIM115
            self._whole.write(data)
            if self._kept is not None:
                for begin in range(0, self._size_bytes, BLOCK_BYTES):
                    self._kept.put(begin, data[begin : begin + BLOCK_BYTES])
            return data[start:end]
        raise OSError(
            f"its server sent {len(data)} bytes where {end - start} were asked for, of a file of "
            f"{self._size_bytes}"
        )
