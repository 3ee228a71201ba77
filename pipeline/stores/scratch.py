"""Where files lie on this machine before they go to a store."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.stores.path import StorePath

_scratch: Path | None = None
"""Where this process writes files before they go to a store; None for the default."""


def use_scratch(folder: str | None) -> None:
    """Name the folder in which this process writes files before they go to a store."""
    global _scratch
    _scratch = Path(folder).expanduser() if folder else None


def scratch_root() -> Path:
    """The folder in which this process writes what is on its way; nothing is made."""
    import platformdirs

    return _scratch or platformdirs.user_cache_path("counterfactory", appauthor=False) / "scratch"


def scratch_file(path: Path, suffix: str = "") -> Path:
    """A local file for a stored one, the same one each time; nothing is made.

    It lies in a folder whose name comes from the address.
    """
    folder = hashlib.sha256(str(path.parent).encode()).hexdigest()[:16]
    return scratch_root() / folder / f"{path.name}{suffix}"


@contextmanager
def written(path: StorePath) -> Iterator[Path]:
    """Give the name of a local file, and upload what was written there when the block ends well.

    What a killed process left there before is removed first.

    Raises:
        ConfigError: There is no such bucket, or no right to write to it.
        TransientError: The store does not answer; the local file is removed.
    """
    own = f".{socket.gethostname()}.{os.getpid()}"
    local = scratch_file(path, own)
    _remove_leftovers(local.parent, path.name)
    try:
        yield local
        path.upload(local)
    finally:
        with suppress(OSError):
            local.unlink(missing_ok=True)


def _remove_leftovers(folder: Path, name: str) -> None:
    """Remove what processes of this machine that are gone left of a file."""
    start = f"{name}.{socket.gethostname()}."
    for found in folder.glob(f"*{start}*"):
        number = found.name.partition(start)[2].partition(".")[0]
        if number.isdigit() and not is_alive(int(number)):
            with suppress(OSError):
                found.unlink()


def is_alive(process: int) -> bool:
    """Whether a process of this machine runs, be it of another user."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
