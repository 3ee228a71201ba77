"""Text tables as programs write them: one line or several to a record, never two records in one.

Spreadsheets, pandas, Spark, DuckDB, Postgres and MySQL write quotes, escapes and missing values
each in their own way, and much text that is called csv was written by none of them. What a file
does is told from its beginning (:func:`find_dialect`); a record is then taken apart so that no
quote can swallow the records behind it (:func:`records`).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import BinaryIO, Literal

from pipeline.core.stage import Fault
from pipeline.sources.lines import bounded_lines

MAX_LINE_BYTES = 1 << 17
MAX_RECORD_LINES = 1000
_PEEK_LINES = 2000
_PEEK_BYTES = 1 << 20
NULL = "\\N"
"""How Postgres and MySQL write a missing value."""

_COPY_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}

Cells = list[str | None]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text table writes its cells.

    Attributes:
        delimiter: What stands between two cells.
        quotes: A quote inside a quoted cell is doubled (pandas, Excel, DuckDB), or stands
            behind a backslash (Spark); with "none" a quote is a character like any other.
        escapes: Whether a backslash outside quotes escapes what follows (Postgres, MySQL).
        several_lines: Whether a quoted cell may go on over the end of its line.
        quoting: Whether quoted cells were seen that are closed as they should be.
    """

    delimiter: str
    quotes: Literal["doubled", "escaped", "none"] = "doubled"
    escapes: bool = False
    several_lines: bool = True
    quoting: bool = False


class _Grammar:
    """What a cell of a dialect looks like, as regular expressions that do not backtrack."""

    def __init__(self, delimiter: str, quotes: str) -> None:
        mark = re.escape(delimiter)
        self.delimiter = delimiter
        inside = (
            r'[^"]*+(?:""[^"]*+)*+' if quotes == "doubled" else r'[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+'
        )
        space = r"[ ]*+" if delimiter != " " else ""
        self.quoted = re.compile(rf'{space}"({inside})"{space}(?={mark}|\Z)', re.DOTALL)
        self.open = re.compile(rf'{space}"(?:{inside})\\?\Z', re.DOTALL)
        self.begins = re.compile(rf'{space}"')
        self.escape = re.compile(r'""' if quotes == "doubled" else r'\\(.)|""', re.DOTALL)
        self.escaped_cell = re.compile(rf"(?:\\.|(?!{mark}).)*+", re.DOTALL)

    def text(self, quoted: str) -> str:
        """What a quoted cell says."""
        if '"' not in quoted and "\\" not in quoted:
            return quoted
        return self.escape.sub(_escaped_character, quoted)


def _escaped_character(match: re.Match[str]) -> str:
    character = match[1] if match.re.groups else None
    return '"' if character is None else character if character in '"\\' else match[0]


@lru_cache(maxsize=64)
def _grammar(delimiter: str, quotes: str) -> _Grammar:
    return _Grammar(delimiter, quotes)


def split(text: str, dialect: Dialect) -> tuple[Cells, Literal["clean", "open", "bad"]]:
    """Take one record apart.

    "open": a quoted cell does not end; "bad": a quote stands where the dialect has none. The
    cells are then those of a reading that takes the odd quote as a character.
    """
    delimiter = dialect.delimiter
    if dialect.escapes and "\\" in text:
        return _split_escaped(text, dialect), "clean"
    if dialect.quotes == "none" or '"' not in text:
        return [None if cell == NULL else cell for cell in text.split(delimiter)], "clean"
    grammar = _grammar(delimiter, dialect.quotes)
    cells: Cells = []
    state: Literal["clean", "open", "bad"] = "clean"
    index = 0
    while True:
        if match := grammar.quoted.match(text, index):
            cells.append(grammar.text(match[1]))
            end = match.end()
        else:
            end = text.find(delimiter, index)
            end = len(text) if end < 0 else end
            cell = text[index:end]
            if '"' in cell and state != "bad":
                state = "open" if grammar.open.match(text, index) else "bad"
            cells.append(None if cell == NULL else cell)
        if end >= len(text):
            return cells, state
        index = end + len(delimiter)


def _split_escaped(text: str, dialect: Dialect) -> Cells:
    grammar = _grammar(dialect.delimiter, dialect.quotes)
    cells: Cells = []
    index = 0
    while True:
        match = grammar.escaped_cell.match(text, index)
        cell = match[0] if match else ""
        cells.append(None if cell == NULL else _unescape(cell))
        index += len(cell)
        if index >= len(text):
            return cells
        index += len(dialect.delimiter)


def _unescape(cell: str) -> str:
    return re.sub(r"\\(.)", lambda m: _COPY_ESCAPES.get(m[1], m[1]), cell, flags=re.DOTALL)


def find_dialect(
    lines: Sequence[str], delimiter: str, count: int, *, caption: int | None
) -> Dialect:
    """Tell how a table of `count` columns is written from its first lines.

    Args:
        lines: First lines behind the header; the last may be cut.
        delimiter: What stands between two cells.
        count: Number of columns.
        caption: Which column holds the caption, whose backslashes decide about escapes.
    """
    doubled = _weigh(lines, Dialect(delimiter), count)
    escaped = _weigh(lines, Dialect(delimiter, quotes="escaped"), count)
    quotes: Literal["doubled", "escaped", "none"] = "doubled"
    closed, bad = doubled
    if escaped[1] < bad:
        quotes, (closed, bad) = "escaped", escaped
    if bad and not closed:
        quotes = "none"
    escapes = not closed and _has_escapes(lines, delimiter, count, caption)
    return Dialect(
        delimiter,
        quotes="none" if escapes else quotes,
        escapes=escapes,
        several_lines=bad <= closed if count > 1 else closed > 0 and not bad,
        quoting=closed > 0,
    )


def _weigh(lines: Sequence[str], dialect: Dialect, count: int) -> tuple[int, int]:
    """How many records hold quoted cells that are closed properly, and how many odd quotes."""
    closed = bad = index = 0
    begins = _grammar(dialect.delimiter, dialect.quotes).begins
    while index < len(lines):
        line = lines[index]
        index += 1
        if '"' not in line:
            continue
        state = split(line, dialect)[1]
        if state == "open":
            swallowed = _closing(lines, index, line, dialect, count)
            closed += swallowed > 0
            index += swallowed
        else:
            closed += state == "clean" and begins.search(line) is not None
            bad += state == "bad"
    return closed, bad


def _closing(lines: Sequence[str], index: int, text: str, dialect: Dialect, count: int) -> int:
    """How many of the lines from `index` surely belong to the record that `text` begins."""
    alone = 0
    for number, more in enumerate(lines[index : index + MAX_RECORD_LINES], 1):
        text = f"{text}\n{more}"
        alone += more.count(dialect.delimiter) + 1 == count
        if '"' not in more:
            continue
        cells, state = split(text, dialect)
        if state != "open":
            sure = state == "clean" and len(cells) == count and (count == 1 or 2 * alone < number)
            return number if sure else 0
    return 0


def _has_escapes(lines: Sequence[str], delimiter: str, count: int, caption: int | None) -> bool:
    """Whether backslashes escape, as Postgres, MySQL and pandas without quotes write them."""
    plain, escaped = Dialect(delimiter, quotes="none"), Dialect(delimiter, "none", escapes=True)
    evidence = False
    for line in lines:
        if "\\" not in line:
            continue
        if re.search(rf"\\(?![\\tnrbfvN\"'{re.escape(delimiter)}])", line):
            return False
        cells = split(line, plain)[0]
        if None in cells or (len(cells) != count and len(split(line, escaped)[0]) == count):
            evidence = True
        elif caption is not None and delimiter == "\t" and caption < len(cells):
            evidence = evidence or "\\" in (cells[caption] or "")
    return evidence


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


def records(
    stream: BinaryIO, offset: int, dialect: Dialect, count: int
) -> Iterator[tuple[int, Cells | Fault]]:
    """Yield (offset, cells) of each record from `offset`; one that cannot be read is a fault.

    A record of several lines is accepted only where its quotes are closed as they should be
    and it has `count` cells, and where the lines that it would swallow are not records by
    themselves. Otherwise the first line is a record, its odd quote a character of the text.
    """
    lines = _Lines(stream, offset)
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
            joined = _several_lines(lines, text, dialect, count)
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


def _several_lines(lines: _Lines, text: str, dialect: Dialect, count: int) -> Cells | None:
    """Cells of a record that goes on over line ends; None where it is none."""
    alone = 0
    size = len(text)
    for number in range(MAX_RECORD_LINES):
        following = lines.peek(number)
        if following is None or following[2]:
            return None
        more = decode(following[1])
        size += len(more)
        if size > MAX_LINE_BYTES:
            return None
        text = f"{text}\n{more}"
        alone += more.count(dialect.delimiter) + 1 == count
        if '"' not in more:
            continue
        cells, state = split(text, dialect)
        if state == "open":
            continue
        if state == "bad" or len(cells) != count or _are_records(alone, number + 1, dialect, count):
            return None
        lines.drop(number + 1)
        return cells
    return None


def _are_records(alone: int, swallowed: int, dialect: Dialect, count: int) -> bool:
    """Whether lines that a quote would swallow are rather records of their own.

    Args:
        alone: How many of them have the right number of cells by themselves.
        swallowed: How many there are.
        dialect: Of the file.
        count: Number of columns; of a single one every line is a record.
    """
    if count == 1:
        return False
    if dialect.quoting:
        return swallowed > 1 and alone == swallowed
    return 2 * alone >= swallowed
