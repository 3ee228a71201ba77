"""Pictures that a table names or holds: bytes, base64, paths below its folder, addresses."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import stat
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import PurePosixPath

from pipeline.core.addresses import public_address
from pipeline.core.errors import ConfigError
from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile, is_remote
from pipeline.sources.pictures import MAX_PICTURE_BYTES
from pipeline.sources.remote import find
from pipeline.stores.asking import ask

_MISSING_TEXT = frozenset({"NaN", "nan", "null", "NULL", "None", "<NA>"})
"""How programs write that there is no picture."""

_BASE64_PICTURE = re.compile(
    r"(?:/9j/|iVBORw0KGgo|UklGR|R0lGOD[dl]h|SUkqA|TU0AK|AAAA[\w+/]{2}Z0eX)"
)
"""How the base64 of a picture begins."""

_SHORTEST_BASE64 = 64


def picture_cell(cell: object) -> str | bytes | Fault | None:
    """What an image cell holds: bytes, a path, or None where the row has no picture.

    `datasets` writes a struct of bytes and a path, of which one may be missing.
    """
    if isinstance(cell, Mapping):
        data, path = cell.get("bytes"), cell.get("path")
        if isinstance(data, str):
            return _from_base64(data)
        cell = data or path
    if cell is None or is_nan(cell) or (isinstance(cell, str | bytes) and not cell):
        return None
    if isinstance(cell, bytes | Fault):
        return cell
    if not isinstance(cell, str):
        what = f"the image is {cell!r:.60}, neither bytes nor a path; mend the row"
        return Fault("source.columns", what)
    if cell.startswith("data:image/"):
        return _from_base64(cell.partition(",")[2])
    if _BASE64_PICTURE.match(cell) and len(cell) >= _SHORTEST_BASE64:
        return _from_base64(cell)
    return None if cell in _MISSING_TEXT else cell


def _from_base64(text: str) -> bytes | Fault:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        return Fault("source.undecodable_image", f"the image is no base64 ({error}); mend the row")


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
        # A transient failure is no reject: the two stages must not judge a row by a moment's
        # network.
        return ask(load, public_address(place))
    except ConfigError:
        return missing


def _too_large(size_bytes: int) -> Fault:
    return Fault("source.undecodable_image", f"the image has {size_bytes} bytes; scale it down")


def is_nan(cell: object) -> bool:
    """Whether a cell is the number by which pandas says that there is nothing."""
    return isinstance(cell, float) and cell != cell
