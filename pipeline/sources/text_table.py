"""Tables as text: csv, tsv and their like, and jsonl."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.core.stage import Fault
from pipeline.sources.delimited import Cells, Dialect, find_dialect, split
from pipeline.sources.delimited_records import decode, first_lines, records
from pipeline.sources.files import InputFile
from pipeline.sources.lines import bounded_lines
from pipeline.sources.rows import Row, blank_fault, parse_json
from pipeline.sources.table_rows import Columns, Table, rows_from

_MAX_LINE_BYTES = 1 << 20
_PEEK_ROWS = 100
_DELIMITERS = (",", "\t", ";", "|")
_NO_DELIMITER = "\x1f"
_BOM = b"\xef\xbb\xbf"
_NAMED_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " "}


@dataclass(frozen=True, slots=True)
class _Layout:
    """How one file is laid out: its columns, dialect, and where its rows begin."""

    names: list[str]
    columns: Columns
    dialect: Dialect
    body: int


class CsvTable:
    """Rows of delimited text. A position is (file, byte offset, row)."""

    kind = "tabular"

    def __init__(self, files: tuple[InputFile, ...], config: SourceConfig) -> None:
        self._files = files
        self._config = config
        self._table = Table(config)
        self.has_images = config.image_column is not None
        self._layouts: dict[int, _Layout] = {}
        for number in range(len(files)):
            self._layout(number)

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield a row for every record; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        return rows_from(start, len(self._files), self._file_rows, head=(0, 1))

    def _file_rows(self, number: int, offset: int, row: int) -> Iterator[Row]:
        file = self._files[number]
        layout = self._layout(number)
        begin = offset or layout.body
        with file.opened(unpack=True, encoding=self._config.encoding, at=begin) as stream:
            for start, cells in records(stream, begin, layout.dialect):
                position, origin = (number, start, row), f"{file.name}:{row}"
                yield from self._rows(position, origin, file, layout, cells)
                row += 1

    def _layout(self, number: int) -> _Layout:
        if number not in self._layouts:
            file = self._files[number]
            with file.opened(unpack=True, encoding=self._config.encoding) as stream:
                self._layouts[number] = _find_layout(file, stream, self._config)
        return self._layouts[number]

    def _rows(
        self,
        position: tuple[int, ...],
        origin: str,
        file: InputFile,
        layout: _Layout,
        cells: Cells | Fault,
    ) -> Iterator[Row]:
        if isinstance(cells, Fault):
            yield Row(position, origin, fault=cells)
        elif not cells:
            yield Row(position, origin, fault=blank_fault())
        else:
            record: dict[str, object] = dict(zip(layout.names, cells, strict=True))
            yield from self._table.rows(position, origin, file, layout.columns, record)


def _find_layout(file: InputFile, stream: BinaryIO, config: SourceConfig) -> _Layout:
    """Find the columns, from the header or the settings, and the dialect.

    Raises:
        ConfigError: A column that is asked for does not exist.
    """
    asked = _delimiter_asked(config)
    lines = list(islice(bounded_lines(stream, 0, _MAX_LINE_BYTES), 3))
    # Excel reads and writes a first line that names the delimiter.
    mark = decode(lines[0][1].removeprefix(_BOM)) if lines else ""
    if mark[:4].lower() == "sep=" and len(mark) <= 5:
        asked = asked or mark[4:] or "\t"
        lines = lines[1:]
    start, data, _ = lines[0] if lines else (0, b"", False)
    after_first = lines[1][0] if len(lines) > 1 else start + len(data) + 2
    first = decode(data.removeprefix(_BOM) if start == 0 else data)
    delimiters = (asked,) if asked else sorted(_DELIMITERS, key=lambda mark: not _suits(file, mark))
    readings = {mark: _names(first, mark) for mark in delimiters}
    chosen = Columns.of(config)
    body = after_first
    if config.columns is not None:
        body = start
        wanted = len(config.columns)
        fitting = next((m for m in delimiters if len(readings[m]) == wanted), delimiters[0])
        names = list(config.columns)
        if [name.lower() for name in readings[fitting]] == [name.lower() for name in names]:
            body = after_first  # the file has the header that was thought to be missing
    else:
        most = max(delimiters, key=lambda mark: len(readings[mark]))
        fitting = next((m for m in delimiters if chosen.found(readings[m])), most)
        names = readings[fitting]
    columns = chosen.check(file, names)
    # What cannot be a column of its own is text: nobody quotes a single column.
    delimiter = fitting if len(names) > 1 else _NO_DELIMITER
    caption = names.index(columns.caption)
    dialect = find_dialect(first_lines(stream, body), delimiter, len(names), caption=caption)
    return _Layout(names, columns, dialect, body)


def _suits(file: InputFile, delimiter: str) -> bool:
    """Whether the file's name promises this delimiter."""
    return delimiter == ("\t" if file.suffix in {".tsv", ".tab"} else ",")


def _names(header: str, delimiter: str) -> list[str]:
    return [(cell or "").strip() for cell in split(header, Dialect(delimiter))[0]]


def _delimiter_asked(config: SourceConfig) -> str | None:
    if config.delimiter is None:
        return None
    delimiter = _NAMED_DELIMITERS.get(config.delimiter, config.delimiter)
    if not delimiter or '"' in delimiter or "\n" in delimiter:
        raise ConfigError(
            f"source.delimiter {config.delimiter!r} cannot stand between columns; give a "
            "character such as `;`, or tab"
        )
    return delimiter


class JsonLines:
    """Rows of jsonl files, an object a line. A position is (file, byte offset, row)."""

    kind = "tabular"

    def __init__(self, files: tuple[InputFile, ...], config: SourceConfig) -> None:
        self._files = files
        self._encoding = config.encoding
        self._table = Table(config)
        self.has_images = config.image_column is not None
        self._columns = [self._check(config, file) for file in files]

    def _check(self, config: SourceConfig, file: InputFile) -> Columns:
        names = self._peek(file)
        if not names:
            raise ConfigError(
                f"input {file.shown}: none of its first lines is a JSON object with names; write "
                'an object a line, such as {"caption": "a dog"}'
            )
        return Columns.of(config).check(file, names)

    def _peek(self, file: InputFile) -> list[str]:
        """Names that occur in the first rows; bad rows among them are judged later."""
        names: dict[str, None] = {}
        with file.opened(unpack=True, encoding=self._encoding) as stream:
            for _, data, cut in islice(bounded_lines(stream, 0, _MAX_LINE_BYTES), _PEEK_ROWS):
                record = (
                    parse_json(data.removeprefix(_BOM), "") if data.strip() and not cut else None
                )
                if isinstance(record, dict):
                    names |= dict.fromkeys(record)
        return list(names)

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield a row for every line; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        return rows_from(start, len(self._files), self._file_rows, head=(0, 1))

    def _file_rows(self, number: int, offset: int, row: int) -> Iterator[Row]:
        file = self._files[number]
        with file.opened(unpack=True, encoding=self._encoding, at=offset) as stream:
            for begin, data, cut in bounded_lines(stream, offset, _MAX_LINE_BYTES):
                position, origin = (number, begin, row), f"{file.name}:{row}"
                if cut:
                    what = f"the line has more than {_MAX_LINE_BYTES} bytes; shorten it"
                    yield Row(position, origin, fault=Fault("source.too_long", what))
                elif not data.strip():
                    yield Row(position, origin, fault=blank_fault())
                else:
                    record = parse_json(data.removeprefix(_BOM), "the line")
                    if isinstance(record, Fault):
                        yield Row(position, origin, fault=record)
                    else:
                        columns = self._columns[number]
                        yield from self._table.rows(position, origin, file, columns, record)
                row += 1
