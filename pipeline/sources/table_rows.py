"""What the tabular formats share: the chosen columns, identity and pictures by path."""

from __future__ import annotations

import ast
import base64
import binascii
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from pipeline.config.source import SourceConfig
from pipeline.core.addresses import public_address, without_secrets
from pipeline.core.errors import ConfigError
from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile, is_remote
from pipeline.sources.pictures import MAX_PICTURE_BYTES
from pipeline.sources.remote import ask, find
from pipeline.sources.rows import Row

_DEFAULT_CAPTION = "caption"
_OTHER_CAPTIONS = ("captions", "text", "Caption", "TEXT", "Text", "sentence", "sentences")
"""Tried in this order where the caption's column was not chosen and there is no `caption`."""

_MISSING_TEXT = frozenset({"NaN", "nan", "null", "NULL", "None", "<NA>"})
"""How programs write that there is no picture."""


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
        if caption is None or _is_nan(caption):
            fault = Fault("source.no_caption", "the row has no caption; fill it in or drop the row")
            return Row(position, origin, fault=fault)
        url = None if _is_nan(url) else url
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


def _is_nan(cell: object) -> bool:
    return isinstance(cell, float) and cell != cell


def picture_cell(cell: object) -> str | bytes | Fault | None:
    """What an image cell holds: bytes, a path, or None where the row has no picture.

    `datasets` writes a struct of bytes and a path, of which one may be missing.
    """
    if isinstance(cell, Mapping):
        data, path = cell.get("bytes"), cell.get("path")
        if isinstance(data, str):
            return _from_base64(data)
        cell = data or path
    if cell is None or _is_nan(cell) or (isinstance(cell, str | bytes) and not cell):
        return None
    if isinstance(cell, bytes | Fault):
        return cell
    if not isinstance(cell, str):
        what = f"the image is {cell!r:.60}, neither bytes nor a path; mend the row"
        return Fault("source.columns", what)
    if cell.startswith("data:image/"):
        return _from_base64(cell.partition(",")[2])
    return None if cell in _MISSING_TEXT else cell


def _from_base64(text: str) -> bytes | Fault:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        return Fault("source.undecodable_image", f"the image is no base64 ({error}); mend the row")


def _identity(caption: str, url: str | None, image: object) -> tuple[str | bytes, ...]:
    if url:
        return caption, "url", url
    if isinstance(image, str):
        return caption, "path", image
    if isinstance(image, bytes):
        return caption, "sha256", hashlib.sha256(image).digest()
    return (caption,)


def picture_loader(
    file: InputFile, image: str | bytes | None, folder: str | None
) -> Callable[[], bytes | Fault] | None:
    """What gives the picture of a row, or None where it has none.

    Args:
        file: The table, whose folder image paths begin in.
        image: Bytes, or a path that is untrusted.
        folder: Where image paths begin instead; None for the table's folder.
    """
    if isinstance(image, bytes):
        return lambda: image
    if isinstance(image, str):
        return lambda: _load_picture(file, image, folder)
    return None


def _load_picture(file: InputFile, path: str, chosen: str | None) -> bytes | Fault:
    """Read a picture below the table's folder, or the one that was chosen."""
    folder = chosen if chosen is not None else _folder_of(file)
    remote = is_remote(folder)
    where = "source.image_folder" if chosen is not None else "the table's folder"
    relative = _relative(path.removeprefix("file://"), folder, remote=remote)
    if relative is None:
        return Fault(
            "source.missing_image",
            f"the image path {public_address(path)!r:.120} leads out of {where}; use paths below "
            "it, or set source.image_folder to where they begin",
        )
    place = _joined(folder, relative) if folder else relative
    missing = Fault(
        "source.missing_image",
        f"the image {path!r:.120} is not in {where}; copy it there, set source.image_folder or "
        "drop the row",
    )
    if remote:
        return _load_remote(place, missing)
    found = _load_local(place, missing)
    if found is missing and "\\" in path:
        return _load_picture(file, path.replace("\\", "/"), chosen)
    return found


def likeness_of(loader: Callable[[], bytes | Fault]) -> bytes | None:
    """Hash of a picture's bytes; None where it cannot be read."""
    data = loader()
    return None if isinstance(data, Fault) else hashlib.sha256(data).digest()


def _folder_of(file: InputFile) -> str:
    folder = file.path.partition("?")[0] if file.remote else file.path
    return folder.rpartition("/")[0] or ("/" if folder.startswith("/") else "")


def _joined(folder: str, relative: str) -> str:
    bare, mark, query = folder.partition("?")
    return f"{bare.rstrip('/')}/{relative}{mark}{query}"


def _relative(path: str, folder: str, *, remote: bool) -> str | None:
    """The path below the folder; None where it leads out of it."""
    if "\0" in path or "://" in path:
        return None
    pure = PurePosixPath(path)
    if pure.is_absolute():
        if remote:
            return None
        root = _real(folder or ".")
        try:
            pure = PurePosixPath(os.path.normpath(path)).relative_to(os.path.abspath(folder or "."))
        except ValueError:
            # The folder may be named through a link, the paths in it without.
            try:
                pure = PurePosixPath(os.path.realpath(path)).relative_to(root)
            except (ValueError, OSError):
                return None
    return None if ".." in pure.parts else str(pure)


@lru_cache(maxsize=8)
def _real(folder: str) -> str:
    return os.path.realpath(folder)


def _load_local(place: str, missing: Fault) -> bytes | Fault:
    try:
        status = os.stat(place)
        # A pipe or a device in a downloaded folder would block for ever.
        if not stat.S_ISREG(status.st_mode):
            return missing
        if status.st_size > MAX_PICTURE_BYTES:
            return _too_large(status.st_size)
        with open(place, "rb") as stream:
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return missing
    except (OSError, UnicodeEncodeError) as error:
        return Fault("source.missing_image", f"the image cannot be read: {error}")


def _load_remote(place: str, missing: Fault) -> bytes | Fault:
    filesystem, inner = find(place)

    def load() -> bytes | Fault:
        size = int(filesystem.size(inner) or 0)
        return _too_large(size) if size > MAX_PICTURE_BYTES else bytes(filesystem.cat_file(inner))

    try:
        # A transient failure is no reject: the two halves must not judge a row by a moment's
        # network.
        return ask(load, public_address(place))
    except ConfigError:
        return missing


def _too_large(size_bytes: int) -> Fault:
    return Fault("source.undecodable_image", f"the image has {size_bytes} bytes; scale it down")
