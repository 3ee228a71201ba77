"""What the tabular formats share: the chosen columns, identity and pictures by path."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError, TransientError
from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile
from pipeline.sources.pictures import MAX_PICTURE_BYTES
from pipeline.sources.rows import Row


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table that make an anchor."""

    caption: str
    image: str | None
    url: str | None

    @classmethod
    def of(cls, config: SourceConfig) -> Columns:
        """The columns that the user chose."""
        return cls(config.caption_column, config.image_column, config.url_column)

    def check(self, file: InputFile, existing: Iterable[str]) -> None:
        """Make sure that the file has them.

        Raises:
            ConfigError: One is missing; the existing ones are named.
        """
        names = list(existing)
        for key, column in (
            ("caption_column", self.caption),
            ("image_column", self.image),
            ("url_column", self.url),
        ):
            if column is not None and column not in names:
                shown = ", ".join(repr(name) for name in names[:50]) or "none"
                raise ConfigError(
                    f"input {file.path} has no column {column!r}; its columns are {shown}: set "
                    f"source.{key} to one of them"
                )


def table_row(
    position: tuple[int, ...],
    origin: str,
    file: InputFile,
    caption: object,
    url: object,
    image: object,
) -> Row:
    """Make a row from a table's cells: None or text, for the image also bytes or a fault.

    The identity is the caption with the address, else the image's path, else its content:
    the first that is there.
    """
    if caption is None:
        fault = Fault("source.no_caption", "the row has no caption; fill it in or drop the row")
        return Row(position, origin, fault=fault)
    for name, cell in (("caption", caption), ("address", url)):
        if cell is not None and not isinstance(cell, str):
            fault = Fault("source.columns", f"the {name} is {cell!r:.60}, not text; mend the row")
            return Row(position, origin, fault=fault)
    if isinstance(image, Fault):
        return Row(position, origin, fault=image)
    address = str(url) if url else None
    identity = _identity(str(caption), address, image)
    return Row(position, origin, str(caption), address, identity, _loader(file, image))


def no_image() -> Fault:
    """Fault of a row whose image cell is empty."""
    return Fault(
        "source.missing_image",
        "the row has no image; add it, or leave source.image_column unset to use captions alone",
    )


def _identity(caption: str, url: str | None, image: object) -> tuple[str | bytes, ...]:
    if url:
        return caption, "url", url
    if isinstance(image, str):
        return caption, "path", image
    if isinstance(image, bytes):
        return caption, "sha256", hashlib.sha256(image).digest()
    return (caption,)


def _loader(file: InputFile, image: object) -> Callable[[], bytes | Fault] | None:
    if isinstance(image, bytes):
        return lambda: image
    if isinstance(image, str):
        return lambda: _load_picture(file, image)
    return None


def _load_picture(file: InputFile, path: str) -> bytes | Fault:
    """Read a picture below the table's folder; the path is untrusted."""
    relative = PurePosixPath(path)
    if relative.is_absolute() or ".." in relative.parts or "://" in path or "\0" in path:
        return Fault(
            "source.missing_image",
            f"the image path {path!r:.120} leads out of the table's folder; use paths below it",
        )
    folder = file.path.rpartition("/")[0]
    place = f"{folder}/{relative}" if folder or file.path.startswith("/") else str(relative)
    missing = Fault(
        "source.missing_image",
        f"the image {path!r:.120} is not in the table's folder; copy it there or drop the row",
    )
    return _load_remote(place, missing) if file.remote else _load_local(place, missing)


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
    import fsspec

    try:
        filesystem, inner = fsspec.core.url_to_fs(place)
        size = int(filesystem.size(inner) or 0)
        if size > MAX_PICTURE_BYTES:
            return _too_large(size)
        return bytes(filesystem.cat_file(inner))
    except FileNotFoundError:
        return missing
    except OSError as error:
        # Not a reject: the two stages must not judge a row by a moment's network.
        raise TransientError(f"{place} cannot be read: {error}") from error


def _too_large(size_bytes: int) -> Fault:
    return Fault("source.undecodable_image", f"the image has {size_bytes} bytes; scale it down")
