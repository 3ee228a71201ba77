"""Tables as text: csv, tsv with a header, and jsonl."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile
from pipeline.sources.lines import bounded_lines, skip_line
from pipeline.sources.rows import Row, blank_fault, parse_json
from pipeline.sources.table_rows import Columns, no_image, table_row

_MAX_LINE_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 16
_PEEK_ROWS = 100
# The csv module's own default. Other libraries raise it for the whole process.
_MAX_FIELD_CHARS = 131_072


class CsvTable:
    """Rows of csv files with a header. A position is (file, byte offset, row)."""

    kind = "tabular"

    def __init__(
        self, files: tuple[InputFile, ...], config: SourceConfig, *, delimiter: str
    ) -> None:
        self._files = files
        self._columns = Columns.of(config)
        self._delimiter = delimiter
        for file in files:
            with file.opened(unpack=True) as stream:
                self._header(file, stream)

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield a row for every record; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        first, offset, row = start or (0, 0, 1)
        for number in range(first, len(self._files)):
            yield from self._file_rows(number, offset, row)
            offset, row = 0, 1

    def _file_rows(self, number: int, offset: int, row: int) -> Generator[Row, None, None]:
        file = self._files[number]
        with file.opened(unpack=True) as stream:
            header, body = self._header(file, stream)
            for start, cells in _records(_ChunkFeed(stream, offset or body), self._delimiter):
                yield self._row((number, start, row), f"{file.name}:{row}", file, header, cells)
                row += 1

    def _header(self, file: InputFile, stream: BinaryIO) -> tuple[list[str], int]:
        """Column names, and the offset behind them."""
        feed = _ChunkFeed(stream, 0)
        _, names = next(_records(feed, self._delimiter), (0, []))
        if isinstance(names, Fault):
            raise ConfigError(f"input {file.path} has no readable header: {names.detail}")
        names = [names[0].removeprefix("\ufeff"), *names[1:]] if names else []
        self._columns.check(file, names)
        return names, feed.offset

    def _row(
        self,
        position: tuple[int, ...],
        origin: str,
        file: InputFile,
        header: list[str],
        cells: list[str] | Fault,
    ) -> Row:
        if isinstance(cells, Fault):
            return Row(position, origin, fault=cells)
        if not cells:
            return Row(position, origin, fault=blank_fault())
        if len(cells) != len(header):
            fault = Fault(
                "source.columns",
                f"the row has {len(cells)} columns where the header has {len(header)}; is a "
                "quote missing?",
            )
            return Row(position, origin, fault=fault)
        record = dict(zip(header, cells, strict=True))
        columns = self._columns
        image = (record[columns.image] or no_image()) if columns.image else None
        url = record[columns.url] if columns.url else None
        return table_row(position, origin, file, record[columns.caption], url, image)


def _records(feed: _ChunkFeed, delimiter: str) -> Iterator[tuple[int, list[str] | Fault]]:
    """Yield (offset, cells) of each record; a record that cannot be read is a fault.

    A field of more than 131,072 characters, mostly a quote that is never closed, ends the
    record there and goes on with the next line.
    """
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        start = feed.offset
        result: list[str] | Fault | None
        try:
            with _bounded_fields():
                result = next(reader, None)
        except csv.Error as error:
            reader = csv.reader(feed, delimiter=delimiter)
            reason = "source.too_long" if "larger" in str(error) else "source.columns"
            result = Fault(reason, f"the record breaks off: {error}; is a quote not closed?")
        if result is None:
            return
        if not feed.at_line_start:
            feed.skip()
            if not isinstance(result, Fault):
                what = f"a line has more than {_CHUNK_BYTES} bytes; shorten it"
                result = Fault("source.too_long", what)
        yield start, result


@contextmanager
def _bounded_fields() -> Generator[None, None, None]:
    """Hold the csv module to our limit of a field, and give back the process's own."""
    before = csv.field_size_limit(_MAX_FIELD_CHARS)
    try:
        yield
    finally:
        csv.field_size_limit(before)


class _ChunkFeed(Iterator[str]):
    """Hands a csv reader lines, long ones in pieces, and knows how far it has read."""

    def __init__(self, stream: BinaryIO, offset: int) -> None:
        stream.seek(offset)
        self._stream = stream
        self.offset = offset
        self.at_line_start = True

    def __next__(self) -> str:
        data = self._stream.readline(_CHUNK_BYTES)
        if not data:
            raise StopIteration
        self.offset += len(data)
        self.at_line_start = data[-1:] == b"\n" or len(data) < _CHUNK_BYTES
        # Bytes that are no UTF-8 become lone surrogates, which the text checks refuse.
        return data.decode("utf-8", "surrogateescape")

    def skip(self) -> None:
        """Go to the next line."""
        if not self.at_line_start:
            self.offset += skip_line(self._stream)
            self.at_line_start = True


class JsonLines:
    """Rows of jsonl files, an object a line. A position is (file, byte offset, row)."""

    kind = "tabular"

    def __init__(self, files: tuple[InputFile, ...], config: SourceConfig) -> None:
        self._files = files
        self._columns = Columns.of(config)
        for file in files:
            self._columns.check(file, self._peek(file))

    def _peek(self, file: InputFile) -> list[str]:
        """Names that occur in the first rows; bad rows among them are judged later."""
        names: dict[str, None] = {}
        with file.opened(unpack=True) as stream:
            for _, data, cut in islice(bounded_lines(stream, 0, _MAX_LINE_BYTES), _PEEK_ROWS):
                record = parse_json(data, "") if data.strip() and not cut else None
                if isinstance(record, dict):
                    names |= dict.fromkeys(record)
        return list(names)

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield a row for every line; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        first, offset, row = start or (0, 0, 1)
        for number in range(first, len(self._files)):
            file = self._files[number]
            with file.opened(unpack=True) as stream:
                for begin, data, cut in bounded_lines(stream, offset, _MAX_LINE_BYTES):
                    yield self._row((number, begin, row), f"{file.name}:{row}", file, data, cut)
                    row += 1
            offset, row = 0, 1

    def _row(
        self, position: tuple[int, ...], origin: str, file: InputFile, data: bytes, cut: bool
    ) -> Row:
        if cut:
            fault = Fault(
                "source.too_long", f"the line has more than {_MAX_LINE_BYTES} bytes; shorten it"
            )
            return Row(position, origin, fault=fault)
        if not data.strip():
            return Row(position, origin, fault=blank_fault())
        record = parse_json(data.removeprefix(b"\xef\xbb\xbf"), "the line")
        if isinstance(record, Fault):
            return Row(position, origin, fault=record)
        columns = self._columns
        image = _image_path(record.get(columns.image)) if columns.image else None
        url = record.get(columns.url) if columns.url else None
        return table_row(position, origin, file, record.get(columns.caption), url, image)


def _image_path(cell: object) -> str | Fault:
    if not cell:
        return no_image()
    if not isinstance(cell, str):
        return Fault("source.columns", f"the image is {cell!r:.60}, not a path; mend the row")
    return cell
