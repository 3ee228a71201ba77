"""Conceptual Captions files: `caption<TAB>url`, a row a line, no header, no quoting."""

from __future__ import annotations

from collections.abc import Generator

from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile
from pipeline.sources.lines import bounded_lines
from pipeline.sources.rows import MAX_URL_CHARS, Row, blank_fault, utf8_fault


class CcTsv:
    """Rows of CC3M and CC12M files; `.gz` is unpacked on the fly.

    A position is (file, byte offset, line). In a gzip file the offset is that of the
    unpacked text, so seeking unpacks what stands before: fine for CC3M, slow for large
    files, which are better unpacked once.
    """

    kind = "cc_tsv"

    def __init__(self, files: tuple[InputFile, ...], *, max_caption_chars: int) -> None:
        self._files = files
        # A character has at most 4 bytes; a longer line is too long whatever it holds.
        self._max_line_bytes = 4 * (max_caption_chars + MAX_URL_CHARS)

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield a row for every line; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        first, offset, line = start or (0, 0, 1)
        for number in range(first, len(self._files)):
            yield from self._file_rows(number, offset, line)
            offset, line = 0, 1

    def _file_rows(self, number: int, offset: int, line: int) -> Generator[Row, None, None]:
        file = self._files[number]
        with file.opened(unpack=True) as stream:
            for start, data, cut in bounded_lines(stream, offset, self._max_line_bytes):
                yield self._row((number, start, line), f"{file.name}:{line}", data, cut)
                line += 1

    def _row(self, position: tuple[int, ...], origin: str, data: bytes, cut: bool) -> Row:
        if cut:
            fault = Fault(
                "source.too_long",
                f"the line has more than {self._max_line_bytes} bytes; is a line end missing?",
            )
            return Row(position, origin, fault=fault)
        if not data.strip():
            return Row(position, origin, fault=blank_fault())
        try:
            text = data.decode("utf-8-sig" if position[1] == 0 else "utf-8")
        except UnicodeDecodeError as error:
            return Row(position, origin, fault=utf8_fault(error, "the line"))
        columns = text.split("\t")
        if len(columns) != 2:
            fault = Fault(
                "source.columns",
                f"the line has {len(columns)} column{'s' * (len(columns) != 1)} where "
                "caption<TAB>url is expected; mend it, or read the file with --source tabular",
            )
            return Row(position, origin, fault=fault)
        caption, url = columns
        return Row(position, origin, caption, url, (caption, url))
