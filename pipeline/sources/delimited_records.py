"""The records of a text table, one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from pipeline.core.stage import Fault
from pipeline.sources.delimited import MAX_RECORD_LINES, Cells, Dialect, are_records, split
from pipeline.sources.lines import bounded_lines

MAX_LINE_BYTES = 1 << 17
_PEEK_LINES = 2000
_PEEK_BYTES = 1 << 20


class _Lines:
    """Lines with the possibility to look ahead."""

    def __init__(self, stream: BinaryIO, offset: int) -> None:
        self._lines = bounded_lines(stream, offset, MAX_LINE_BYTES)
        self._ahead: deque[tuple[int, bytes, bool]] = deque()

    def next(self) -> tuple[int, bytes, bool] | None:
        """The next line."""
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def peek(self, number: int) -> tuple[int, bytes, bool] | None:
        """The line that is `number` lines ahead."""
        while len(self._ahead) <= number:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[number]

    def drop(self, count: int) -> None:
        """Take away lines that were looked at."""
        for _ in range(count):
            self._ahead.popleft()


def decode(data: bytes) -> str:
    """Bytes that are no UTF-8 become lone surrogates, which the text checks refuse."""
    return data.decode("utf-8", "surrogateescape")


def first_lines(stream: BinaryIO, offset: int) -> list[str]:
    """Lines to tell a dialect from."""
    lines: list[str] = []
    size = 0
    for _, data, cut in islice(bounded_lines(stream, offset, MAX_LINE_BYTES), _PEEK_LINES):
        size += len(data)
        if size > _PEEK_BYTES:
            break
        if not cut:
            lines.append(decode(data))
    return lines


def records(stream: BinaryIO, offset: int, dialect: Dialect) -> Iterator[tuple[int, Cells | Fault]]:
    """Yield (offset, cells) of each record from `offset`; one that cannot be read is a fault.

    A record of several lines is accepted only where its quotes are closed as they should be
    and it has a cell for each column, and where the lines that it would swallow are not records by
    themselves. Otherwise the first line is a record, its odd quote a character of the text.
    """
    lines = _Lines(stream, offset)
    count = len(dialect.shapes)
    while line := lines.next():
        start, data, cut = line
        if cut:
            yield (
                start,
                Fault(
                    "source.too_long",
                    f"the line has more than {MAX_LINE_BYTES} bytes; shorten it, or is a line end "
                    "or a quote missing?",
                ),
            )
            continue
        text = decode(data.removeprefix(b"\xef\xbb\xbf") if start == 0 else data)
        if dialect.escapes and text == "\\.":
            continue  # Postgres' mark of the end
        cells, state = split(text, dialect)
        if state == "open" and dialect.several_lines:
            joined = _several_lines(lines, text, dialect)
            if joined is not None:
                yield start, joined
                continue
        if not text.strip():
            yield start, []
        elif len(cells) == count + 1 and not cells[-1]:
            yield start, cells[:-1]
        elif len(cells) != count:
            why = "a quote is not closed" if state == "open" else "is a quote missing?"
            yield (
                start,
                Fault(
                    "source.columns",
                    f"the row has {len(cells)} columns where the header has {count}; {why}",
                ),
            )
        else:
            yield start, cells


def _several_lines(lines: _Lines, first: str, dialect: Dialect) -> Cells | None:
    """Cells of a record that goes on over line ends; None where it is none."""
    swallowed: list[str] = []
    text = first
    for number in range(MAX_RECORD_LINES):
        following = lines.peek(number)
        if following is None or following[2]:
            return None
        swallowed.append(decode(following[1]))
        text = f"{text}\n{swallowed[-1]}"
        if len(text) > MAX_LINE_BYTES:
            return None
        if '"' not in swallowed[-1]:
            continue
        cells, state = split(text, dialect)
        if state == "open":
            continue
        whole = state == "clean" and len(cells) == len(dialect.shapes)
        if not whole or are_records(first, swallowed, dialect):
            return None
        lines.drop(number + 1)
        return cells
    return None
