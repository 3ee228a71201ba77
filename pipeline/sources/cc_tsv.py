"""Conceptual Captions files: a caption and an address a line, without quoting.

CC3M writes `caption<TAB>url` and CC12M `url<TAB>caption`: which is which is told from what
stands in the columns.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from itertools import islice

from pipeline.core.addresses import looks_like_address, without_secrets
from pipeline.core.errors import ConfigError
from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile
from pipeline.sources.lines import bounded_lines
from pipeline.sources.rows import MAX_URL_CHARS, Row, blank_fault, utf8_fault

_CAPTION_NAMES = frozenset({"caption", "captions", "text", "title", "alt", "description"})
_URL_NAMES = frozenset({"url", "urls", "image_url", "img_url", "link", "image", "image_link"})
_PEEK_LINES = 200
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the first line of a file says: whether it is a header, and the url stands first."""

    header: bool = False
    url_first: bool = False


class CcTsv:
    """Rows of CC3M and CC12M files; packed ones are unpacked on the fly.

    A position is (file, byte offset, line). In a packed file the offset is that of the
    unpacked text: whoever begins in the middle unpacks what stands before, once.
    """

    kind = "cc_tsv"
    has_images = False

    def __init__(
        self, files: tuple[InputFile, ...], *, max_caption_chars: int, encoding: str | None = None
    ) -> None:
        self._files = files
        self._encoding = encoding
        # A character has at most 4 bytes; a longer line is too long whatever it holds.
        self._max_line_bytes = 4 * (max_caption_chars + MAX_URL_CHARS)
        self._layouts: dict[int, _Layout] = {}
        # A remote file costs a request, so only the first is looked into.
        for number in range(len(files) if not files[0].remote else 1):
            self._layouts[number] = self._find_layout(files[number])

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield a row for every line; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        first, offset, line = start or (0, 0, 1)
        for number in range(first, len(self._files)):
            yield from self._file_rows(number, offset, line)
            offset, line = 0, 1

    def _file_rows(self, number: int, offset: int, line: int) -> Generator[Row, None, None]:
        file = self._files[number]
        if number not in self._layouts:
            self._layouts[number] = self._find_layout(file)
        layout = self._layouts[number]
        with file.opened(unpack=True, encoding=self._encoding, at=offset) as stream:
            for start, data, cut in bounded_lines(stream, offset, self._max_line_bytes):
                if start or not layout.header:
                    position, origin = (number, start, line), f"{file.name}:{line}"
                    yield self._row(position, origin, data, cut, url_first=layout.url_first)
                line += 1

    def _find_layout(self, file: InputFile) -> _Layout:
        """Look at the first lines.

        Raises:
            ConfigError: No line is a pair, or neither column holds addresses and the first holds
                no captions.
        """
        with file.opened(unpack=True, encoding=self._encoding) as stream:
            head = list(islice(bounded_lines(stream, 0, self._max_line_bytes), _PEEK_LINES))
        pairs = [
            columns
            for _, data, _ in head
            if len(columns := data.removeprefix(_BOM).decode("utf-8", "replace").split("\t")) == 2
        ]
        if not pairs:
            widest = max((data.count(b"\t") + 1 for _, data, _ in head), default=0)
            if widest > 2:
                raise ConfigError(
                    f"input {file.shown} has {widest} columns where a caption and an address are "
                    "expected; name them: --source tabular "
                    """--set 'source.columns=["id","url",…]'"""
                )
            return _Layout()
        names = [name.strip().strip('"').lower() for name in pairs[0]]
        if names[0] in _CAPTION_NAMES and names[1] in _URL_NAMES:
            return _Layout(header=True)
        if names[0] in _URL_NAMES and names[1] in _CAPTION_NAMES:
            return _Layout(header=True, url_first=True)
        has_address = any(looks_like_address(cell) for pair in pairs for cell in pair)
        words = sum(" " in second.strip() and " " not in first.strip() for first, second in pairs)
        if not has_address and 2 * words > len(pairs):
            raise ConfigError(
                f"input {file.shown}: neither column holds addresses, and the first, which begins "
                f"with {pairs[0][0][:40]!r}, seems to hold no captions; name the columns: "
                """--source tabular --set 'source.columns=["id","caption"]'"""
            )
        return _Layout()

    def _row(
        self, position: tuple[int, ...], origin: str, data: bytes, cut: bool, *, url_first: bool
    ) -> Row:
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
                "a caption and an address are expected; mend it, or read the file with "
                "--source tabular",
            )
            return Row(position, origin, fault=fault)
        caption, url = columns
        if url_first:
            caption, url = url, caption
        elif " " not in caption and looks_like_address(caption):
            if looks_like_address(url):
                fault = Fault("source.columns", "both columns hold addresses; name a caption")
                return Row(position, origin, fault=fault)
            caption, url = url, caption
        url = without_secrets(url)
        return Row(position, origin, caption, url, (caption, url))
