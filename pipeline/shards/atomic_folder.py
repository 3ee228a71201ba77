"""Folders that appear complete or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.shards.layout import PARTIAL_PREFIX, PARTIAL_SUFFIX, partial_path
from pipeline.stores.location import is_stored, located
from pipeline.stores.scratch import is_alive


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder beside `target` that takes its name when the block ends well.

    On any exception it is removed; what a killed process left behind has another name, and the
    next call for the same target removes it.

    Raises:
        ConfigError: There is something at `target` already, or it is on a store.
        PermanentError: The folder cannot be made or renamed.
    """
    if is_stored(located(target)):
        raise ConfigError(
            f"{located(target)} is on a store: name a local folder, and copy it there"
        )
    target = target.absolute()
    refuse_what_is_there(target)
    _remove_leftovers(target)
    partial = partial_path(target)
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        raise PermanentError(f"the folder {target} cannot be made: {error.strerror}") from error
    try:
        yield partial
        refuse_what_is_there(target)
        try:
            if target.is_dir():
                target.rmdir()  # an empty one; not every system renames onto it
            partial.rename(target)
        except OSError as error:
            raise PermanentError(f"the folder {target} cannot be made: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def refuse_what_is_there(target: Path) -> None:
    """Refuse a path at which there is anything but an empty folder.

    Raises:
        ConfigError: There is.
    """
    if target.is_dir() and not any(target.iterdir()):
        return
    if os.path.lexists(target):
        raise ConfigError(
            f"{target} is there already, and nothing is written over; remove it or choose "
            "another folder"
        )


def _remove_leftovers(target: Path) -> None:
    """Remove unfinished folders of this target whose process is gone."""
    for found in target.parent.glob(f"{PARTIAL_PREFIX}{target.name}.*{PARTIAL_SUFFIX}"):
        number = found.name.removesuffix(PARTIAL_SUFFIX).rpartition(".")[2]
        if number.isdigit() and not is_alive(int(number)):
            shutil.rmtree(found, ignore_errors=True)
