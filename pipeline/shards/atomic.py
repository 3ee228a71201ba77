"""Files that appear complete or not at all.

Own code: the library for it, atomicwrites, is no longer maintained, and a full or read-only
disk must be answered with its remedy.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pipeline.core.errors import PermanentError, TransientError
from pipeline.core.ids import JsonValue
from pipeline.shards.layout import partial_path
from pipeline.stores.location import located
from pipeline.stores.path import StorePath
from pipeline.stores.scratch import written

_BUFFER_BYTES = 1 << 20

_FULL = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space or raise the quota",
    errno.EFBIG: "the file is larger than the system allows; use smaller shards or raise the limit",
}
_DENIED = {
    errno.EROFS: "the file system is read-only; choose another output directory",
    errno.EACCES: "permission denied; choose a writable output directory or change its rights",
    errno.EPERM: "permission denied; choose a writable output directory or change its rights",
    errno.ENOENT: "its folder is gone; was it removed or unmounted? Bring it back",
    errno.ENOTDIR: "its folder is gone; was it removed or unmounted? Bring it back",
    errno.ENODEV: "its disk is gone; mount it again",
    errno.ENXIO: "its disk is gone; mount it again",
}
_AWAY = frozenset(
    {errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENOTCONN, errno.EHOSTDOWN, errno.EHOSTUNREACH,
     errno.EREMOTEIO}
)  # fmt: skip
"""What a file server that is away answers; it may come back."""


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that takes the name `path` only after all its bytes are on disk.

    The bytes go to `.<name>.partial` in the same folder; after the block come flush,
    fsync, rename and fsync of the folder. On any exception, also KeyboardInterrupt, the
    temporary file is removed and whatever stands at `path` stays as it was. Missing
    folders are made. Only one writer of a name at a time: the run's lock sees to that.
    An object of a store is written to a local file, whole, and put there in one request.

    Raises:
        PermanentError: No space, no quota, no permission, a read-only file system or a folder
            that is gone; it names the path and the remedy. Errors of other files opened within
            the block pass through unchanged.
        TransientError: The disk's server, or the store, does not answer.
    """
    path = located(path)
    if isinstance(path, StorePath):
        with written(path) as local, atomic_file(local) as file:
            yield file
        return
    partial = partial_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = partial.open("wb", buffering=_BUFFER_BYTES)
    except OSError as error:
        _explain(error, path, _FULL | _DENIED)
        raise
    published = False
    try:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            # A failed write carries no file name; one that has a name is another file's.
            if error.filename is None:
                _explain(error, path, _FULL)
            raise
        file.close()
        try:
            partial.replace(path)
            published = True
            sync_folder(path.parent)
        except OSError as error:
            _explain(error, path, _FULL | _DENIED)
            raise
    finally:
        if not published:
            _discard(file, partial)


def write_json(path: Path, value: JsonValue) -> None:
    """Write a JSON document as :func:`atomic_file` does; equal values give equal bytes.

    Sorted keys, two spaces of indentation, a newline at the end.

    Raises:
        PermanentError: The disk is full or refuses.
        ValueError: The value holds NaN or an infinity, which JSON has not.
    """
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    with atomic_file(path) as file:
        # In JSON the escape that `backslashreplace` writes means the same character.
        file.write(text.encode("utf-8", "backslashreplace") + b"\n")


def make_folder(path: Path) -> None:
    """Make a folder and those above it where they are missing.

    Raises:
        PermanentError: The disk is full or refuses.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _explain(error, path, _FULL | _DENIED)
        raise PermanentError(f"the folder {path} cannot be made: {error.strerror}") from error


def remove_file(path: Path) -> None:
    """Remove a file where there is one.

    Raises:
        PermanentError: No permission or a read-only file system.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _explain(error, path, _DENIED)
        raise


def explain_refusal(error: OSError, path: Path) -> None:
    """Raise the error that says why a path cannot be changed; nothing where that is unknown.

    Raises:
        PermanentError: The disk is full or refuses.
        TransientError: The disk's server does not answer.
    """
    _explain(error, path, _FULL | _DENIED)


def _explain(error: OSError, path: Path, remedies: dict[int, str]) -> None:
    """Raise an error with the remedy where there is one.

    Raises:
        PermanentError: What must be mended by hand.
        TransientError: What may pass.
    """
    if error.errno in _AWAY:
        raise TransientError(
            f"cannot change {path}: its disk does not answer ({error.strerror}); finished shards "
            "are kept, run again when it does"
        ) from error
    if error.errno in remedies:
        raise PermanentError(
            f"cannot change {path}: {remedies[error.errno]}, then run again: "
            "finished shards are kept"
        ) from error


def sync_folder(folder: Path) -> None:
    """Make a rename durable; systems without folder handles do it by themselves."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _discard(file: BinaryIO, partial: Path) -> None:
    """Close and remove the temporary file, whatever state the disk is in."""
    # Closing flushes the buffer, which fails again on a full disk; the handle is released
    # all the same and the bytes are not wanted. A disk that has turned read-only keeps the
    # file, which the next start removes.
    with suppress(OSError):
        file.close()
    with suppress(OSError):
        partial.unlink(missing_ok=True)
