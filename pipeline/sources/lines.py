"""Read lines of any length in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_SKIP_BYTES = 1 << 16


def bounded_lines(
    stream: BinaryIO, offset: int, max_bytes: int
) -> Iterator[tuple[int, bytes, bool]]:
    """Yield (offset, line without its end, whether it was cut) for each line from `offset`.

    Never holds more than `max_bytes` of a line; the rest of a longer one is skipped. Line
    ends are LF or CRLF; a last line may lack its end.
    """
    stream.seek(offset)
    readline = stream.readline
    while data := readline(max_bytes + 2):
        start = offset
        offset += len(data)
        if data[-1:] == b"\n":
            data = data[:-2] if data[-2:-1] == b"\r" else data[:-1]
            yield start, data, len(data) > max_bytes
            continue
        cut = len(data) > max_bytes
        if cut:
            offset += skip_line(stream)
        yield start, data[:max_bytes], cut


def skip_line(stream: BinaryIO) -> int:
    """Read on behind the next line end; how many bytes that was."""
    skipped = 0
    while data := stream.readline(_SKIP_BYTES):
        skipped += len(data)
        if data[-1:] == b"\n":
            break
    return skipped
