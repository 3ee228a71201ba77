"""Plain text with one caption a line."""

from __future__ import annotations

from collections.abc import Generator

from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile
from pipeline.sources.lines import bounded_lines
from pipeline.sources.rows import Row, blank_fault, utf8_fault

_MAX_LINE_BYTES = 1 << 20


class CaptionLines:
    """Rows of text files. A position is (file, byte offset, line)."""

    kind = "lines"
    has_images = False

    def __init__(self, files: tuple[InputFile, ...], *, encoding: str | None = None) -> None:
        self._files = files
        self._encoding = encoding

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield a row for every line; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        first, offset, line = start or (0, 0, 1)
        for number in range(first, len(self._files)):
            file = self._files[number]
            with file.opened(unpack=True, encoding=self._encoding, at=offset) as stream:
                for begin, data, cut in bounded_lines(stream, offset, _MAX_LINE_BYTES):
                    yield _row((number, begin, line), f"{file.name}:{line}", data, cut)
                    line += 1
            offset, line = 0, 1


def _row(position: tuple[int, ...], origin: str, data: bytes, cut: bool) -> Row:
    if cut:
        fault = Fault(
            "source.too_long", f"the line has more than {_MAX_LINE_BYTES} bytes; shorten it"
        )
        return Row(position, origin, fault=fault)
    if not data.strip():
        return Row(position, origin, fault=blank_fault())
    try:
        caption = data.decode("utf-8-sig" if position[1] == 0 else "utf-8")
    except UnicodeDecodeError as error:
        return Row(position, origin, fault=utf8_fault(error, "the line"))
    return Row(position, origin, caption, identity=(caption,))
