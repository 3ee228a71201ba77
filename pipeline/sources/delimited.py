"""Text tables as programs write them: one line or several to a record, never two records in one.

Spreadsheets, pandas, Spark, DuckDB, Postgres and MySQL write quotes, escapes and missing values
each in their own way, and much text that is called csv was written by none of them. What a file
does is told from its beginning (:func:`find_dialect`); :mod:`pipeline.sources.delimited_records`
then takes it apart so that no quote can swallow the records behind it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pipeline.core.addresses import looks_like_address

MAX_RECORD_LINES = 1000
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
        shapes: What the cells of each column look like: "address", "number", "token" or "".
    """

    delimiter: str
    quotes: Literal["doubled", "escaped", "none"] = "doubled"
    escapes: bool = False
    several_lines: bool = True
    quoting: bool = False
    shapes: tuple[str, ...] = ()


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
        self.begins = re.compile(rf'(?:\A|{mark}){space}"')
        self.escape = re.compile(r'""' if quotes == "doubled" else r'\\(.)|""', re.DOTALL)
        self.backslashes = quotes == "escaped"
        self.backslash = re.compile(rf'\\([\\"]|{mark})')
        self.escaped_cell = re.compile(rf"(?:\\.|(?!{mark}).)*+", re.DOTALL)

    def plain(self, text: str, index: int) -> str:
        """The cell without quotes that begins at an index, as it is written."""
        if self.backslashes and "\\" in text:
            match = self.escaped_cell.match(text, index)
            return match[0] if match else ""
        end = text.find(self.delimiter, index)
        return text[index:] if end < 0 else text[index:end]

    def unescaped(self, cell: str) -> str:
        """What a cell without quotes says where quotes are escaped."""
        return self.backslash.sub(r"\1", cell) if "\\" in cell else cell

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
    is_escaped = dialect.quotes == "escaped" and "\\" in text
    if dialect.quotes == "none" or not (is_escaped or '"' in text):
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
            cell = grammar.plain(text, index)
            end = index + len(cell)
            if dialect.quotes == "escaped":
                cell = grammar.unescaped(cell)
                odd = '"' in text[index:end].replace('\\"', "")
            else:
                odd = '"' in cell
            if odd and state != "bad":
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
        lines: First lines behind the header.
        delimiter: What stands between two cells.
        count: Number of columns.
        caption: Which column holds the caption, whose backslashes decide about escapes.
    """
    shapes = _find_shapes(lines, delimiter, count)
    doubled = _weigh(lines, Dialect(delimiter, shapes=shapes))
    escaped = _weigh(lines, Dialect(delimiter, quotes="escaped", shapes=shapes))
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
        shapes=shapes,
    )


def _find_shapes(lines: Sequence[str], delimiter: str, count: int) -> tuple[str, ...]:
    """What most cells of each column look like; "" for text and whatever varies."""
    found: list[list[str]] = [[] for _ in range(count)]
    for line in lines:
        cells = line.split(delimiter)
        if len(cells) == count:
            for column, cell in zip(found, cells, strict=True):
                column.append(_shape(cell))
    return tuple(
        next((s for s in ("number", "address", "token") if _are_most(column, s)), "")
        for column in found
    )


def _are_most(shapes: Sequence[str], shape: str) -> bool:
    return bool(shapes) and 10 * sum(map(shape.__eq__, shapes)) >= 8 * len(shapes)


def _shape(cell: str) -> str:
    bare = cell.strip().strip('"')
    if looks_like_address(bare):
        return "address"
    if bare.replace(".", "", 1).replace("-", "", 1).isdecimal():
        return "number"
    return "token" if bare and not any(map(str.isspace, bare)) else ""


def _weigh(lines: Sequence[str], dialect: Dialect) -> tuple[int, int]:
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
            swallowed = _closing(lines, index, line, dialect)
            closed += swallowed > 0
            index += swallowed
        else:
            closed += state == "clean" and begins.search(line) is not None
            bad += state == "bad"
    return closed, bad


def _closing(lines: Sequence[str], index: int, first: str, dialect: Dialect) -> int:
    """How many of the lines from `index` surely belong to the record that `first` begins."""
    text = first
    for number, more in enumerate(lines[index : index + MAX_RECORD_LINES], 1):
        text = f"{text}\n{more}"
        if '"' not in more:
            continue
        cells, state = split(text, dialect)
        if state != "open":
            sure = state == "clean" and len(cells) == len(dialect.shapes)
            sure = sure and not are_records(first, lines[index : index + number], dialect)
            return number if sure else 0
    return 0


def are_records(first: str, swallowed: Sequence[str], dialect: Dialect) -> bool:
    """Whether lines that a quote would swallow are rather records of their own.

    Args:
        first: The line in which the quote opens.
        swallowed: The lines behind it, up to that in which the quote would close.
        dialect: Of the file.
    """
    if len(dialect.shapes) == 1:
        return False  # of a single column every line is a record
    *inner, last = (_is_record(line, dialect) for line in swallowed)
    begins = _is_record(first, dialect)
    before = first.split('"')[0].count(dialect.delimiter)
    if not any(dialect.shapes) and dialect.quoting and not inner:
        return False
    if not inner:
        # With too many cells, the odd quote was not the only odd mark in its line; with too few,
        # the line goes on.
        too_many = first.count(dialect.delimiter) >= len(dialect.shapes)
        return last and (begins or (too_many and any(dialect.shapes[:before])))
    if all(inner):
        return begins or last
    return begins and last and 2 * sum(inner) >= len(inner)


def _is_record(line: str, dialect: Dialect) -> bool:
    """Whether a line has all columns, each with what it holds elsewhere."""
    cells = line.split(dialect.delimiter)
    return len(cells) == len(dialect.shapes) and all(
        not shape or _shape(cell) == shape
        for cell, shape in zip(cells, dialect.shapes, strict=True)
    )


def _has_escapes(lines: Sequence[str], delimiter: str, count: int, caption: int | None) -> bool:
    """Whether backslashes escape, as Postgres, MySQL and pandas without quotes write them."""
    plain, escaped = Dialect(delimiter, quotes="none"), Dialect(delimiter, "none", escapes=True)
    valid = re.compile(rf"(?:[^\\]|\\[\\tnrbfvN\"'.{re.escape(delimiter)}])*+", re.DOTALL)
    evidence = False
    for line in lines:
        if "\\" not in line:
            continue
        if not valid.fullmatch(line):
            return False
        cells = split(line, plain)[0]
        if None in cells or (len(cells) != count and len(split(line, escaped)[0]) == count):
            evidence = True
        elif caption is not None and delimiter == "\t" and caption < len(cells):
            evidence = evidence or "\\" in (cells[caption] or "")
    return evidence
