"""What the tabular formats share: the chosen columns, identity and pictures by path."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from pipeline.config.source import SourceConfig
from pipeline.core.addresses import without_secrets
from pipeline.core.errors import ConfigError
from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile
from pipeline.sources.rows import Row
from pipeline.sources.table_pictures import is_nan, likeness_of, picture_cell, picture_loader

_DEFAULT_CAPTION = "caption"
_OTHER_CAPTIONS = ("captions", "text", "Caption", "TEXT", "Text", "sentence", "sentences")
"""Tried in this order where the caption's column was not chosen and there is no `caption`."""

_LIKELY = frozenset(
    {"caption", "captions", "caption_text", "image_caption", "image_captions", "text", "sentence",
     "description", "image_description", "alt_text", "comment"}
)  # fmt: skip
"""Names, however they are written, of which one is taken where it is the only one."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table that make an anchor; a nested one by its dotted name."""

    caption: str
    image: str | None
    url: str | None

    @classmethod
    def of(cls, config: SourceConfig) -> Columns:
        """The columns that the user chose."""
        return cls(config.caption_column, config.image_column, config.url_column)

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are set."""
        return tuple(name for name in (self.caption, self.url, self.image) if name)

    def found(self, existing: Iterable[str]) -> Columns | None:
        """The columns as a file has them, or None where it lacks one."""
        names = set(existing)
        captions: tuple[str, ...] = (self.caption,)
        if self.caption == _DEFAULT_CAPTION:
            captions += _OTHER_CAPTIONS
        caption = next((name for name in captions if _has(names, name)), None)
        if caption is None and self.caption == _DEFAULT_CAPTION:
            caption = _only_likely(names)
        if caption is None or not all(_has(names, n) for n in (self.image, self.url) if n):
            return None
        return Columns(caption, self.image, self.url)

    def check(self, file: InputFile, existing: Iterable[str]) -> Columns:
        """The columns as a file has them.

        Raises:
            ConfigError: One is missing; the existing ones are named.
        """
        names = list(existing)
        found = self.found(names)
        if found is not None:
            return found
        for key, column in (
            ("caption_column", self.caption),
            ("image_column", self.image),
            ("url_column", self.url),
        ):
            if column is not None and not _has(set(names), column):
                shown = ", ".join(repr(name) for name in names[:50]) or "none"
                raise ConfigError(
                    f"input {file.shown} has no column {column!r}; its columns are {shown}: set "
                    f"source.{key} to one of them, or source.columns where the file has no header"
                )
        raise AssertionError("a column is missing, so it was named")


def _only_likely(names: Iterable[str]) -> str | None:
    """The one column whose name can only be that of captions; None for several or none."""
    found = [name for name in names if name.strip().lower().replace(" ", "_") in _LIKELY]
    return found[0] if len(found) == 1 else None


def _has(names: set[str], column: str) -> bool:
    """Whether a column or the outermost part of a dotted one is there."""
    return column in names or column.partition(".")[0] in names


def cell_of(record: Mapping[str, object], column: str) -> object:
    """The value of a column, of a nested one by its dotted name; lists are gone through."""
    if column in record:
        return record[column]
    head, _, rest = column.partition(".")
    return _inside(record.get(head), rest.split(".") if rest else [])


def _inside(value: object, path: list[str]) -> object:
    if not path or value is None:
        return value
    if isinstance(value, list):
        return [_inside(item, path) for item in value]
    if isinstance(value, Mapping):
        return _inside(value.get(path[0]), path[1:])
    return None


class Table:
    """Makes rows from the cells of any table, by the settings of its source."""

    def __init__(self, config: SourceConfig) -> None:
        self._first_only = config.captions == "first"
        self._folder = config.image_folder

    def rows(
        self,
        position: tuple[int, ...],
        origin: str,
        file: InputFile,
        columns: Columns,
        record: Mapping[str, object],
    ) -> Iterator[Row]:
        """Yield the rows that a record makes: one for each of its captions and pictures.

        The identity of a row is the caption with the address, else the picture's path, else
        its content: the first that is there.
        """
        captions = _listed(cell_of(record, columns.caption))
        images = _listed(cell_of(record, columns.image)) if columns.image else [None]
        url = cell_of(record, columns.url) if columns.url else None
        if self._first_only:
            captions, images = captions[:1], images[:1]
        several = len(captions) * len(images) > 1
        number = 0
        for image in images:
            for caption in captions:
                place = (*position, number) if number else position
                name = f"{origin}#{number + 1}" if several else origin
                yield self._row(place, name, file, caption, url, image, len(images) == 1)
                number += 1

    def _row(
        self,
        position: tuple[int, ...],
        origin: str,
        file: InputFile,
        caption: object,
        url: object,
        image: object,
        named_by_url: bool,
    ) -> Row:
        if caption is None or is_nan(caption):
            fault = Fault("source.no_caption", "the row has no caption; fill it in or drop the row")
            return Row(position, origin, fault=fault)
        url = None if is_nan(url) else url
        for name, cell in (("caption", caption), ("address", url)):
            if isinstance(cell, Fault):
                return Row(position, origin, fault=cell)
            if cell is not None and not isinstance(cell, str):
                fault = Fault(
                    "source.columns", f"the {name} is {cell!r:.60}, not text; mend the row"
                )
                return Row(position, origin, fault=fault)
        picture = picture_cell(image)
        if isinstance(picture, Fault):
            return Row(position, origin, fault=picture)
        address = without_secrets(str(url)) if url else None
        identity = _identity(str(caption), address if named_by_url else None, picture)
        loader = picture_loader(file, picture, self._folder)
        likeness = (lambda: likeness_of(loader)) if loader is not None else None
        return Row(position, origin, str(caption), address, identity, loader, likeness=likeness)


def rows_from(
    start: tuple[int, ...] | None,
    files: int,
    read: Callable[..., Iterator[Row]],
    *,
    head: tuple[int, ...],
) -> Generator[Row, None, None]:
    """Yield the rows of several files in order, from a position on.

    Args:
        start: Number of the file, the place within it, and, where a record of several captions
            was left in the middle, how many of its rows were read; from the first row if None.
        files: How many there are.
        read: Yields the rows of a file, from its number and the place within it.
        head: The place of a file's first record.
    """
    first, *rest = start or (0, *head)
    place = rest[: len(head)]
    skipped = rest[len(head)] if len(rest) > len(head) else 0
    for number in range(first, files):
        yield from islice(read(number, *place), skipped, None)
        place, skipped = list(head), 0


def _listed(cell: object) -> list[object]:
    """The captions or pictures of a cell: several where it holds a list, also one as text."""
    if isinstance(cell, str) and cell[:2] in {"['", '["'} and cell[-2:] in {"']", '"]'}:
        try:
            cell = ast.literal_eval(cell)  # as pandas and json write a list into a text table
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return [cell]
    if isinstance(cell, list | tuple):
        return list(cell) or [None]
    return [cell]


def _identity(caption: str, url: str | None, image: object) -> tuple[str | bytes, ...]:
    if url:
        return caption, "url", url
    if isinstance(image, str):
        return caption, "path", image
    if isinstance(image, bytes):
        return caption, "sha256", hashlib.sha256(image).digest()
    return (caption,)
