"""From what a person writes to a path of this machine or of a store."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.core.addresses import store_address
from pipeline.core.errors import ConfigError
from pipeline.stores.path import StorePath
from pipeline.stores.snapshot import CURRENT, Snapshot


def located(path: str | os.PathLike[str]) -> Path:
    """The path that a person means: of a store where it is an address, else of this machine.

    An address that went through :class:`pathlib.Path`, which folds slashes, is known too.

    Raises:
        ConfigError: The address holds a key or a password.
    """
    if isinstance(path, StorePath):
        return path
    text = os.fspath(path)
    try:
        address = store_address(text)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    if address is not None:
        return StorePath(address)
    return Path(re.sub("^(file|local):/+", "/", text))


def is_stored(path: Path) -> bool:
    """Whether a path is an object store's."""
    return isinstance(path, StorePath)


@contextmanager
def listed(root: Path, contents: str = "") -> Iterator[None]:
    """List a store once, and answer from that what is asked of files below it in this block.

    A run of ten thousand shards is looked at in some dozen requests instead of fifty thousand.
    On a local path it does nothing. Files of others that appear meanwhile are not seen.

    Args:
        root: The run directory.
        contents: The folder below it whose small files, `.json`, are read at once, too.
    """
    if not isinstance(root, StorePath):
        yield
        return
    sizes = {str(root / name): size for name, size in root.sizes().items()}
    start = f"{root}/{contents}/"
    small = {n: s for n, s in sizes.items() if n.startswith(start) and n.endswith(".json")}
    read = root.read_together(small if contents else {})
    before = CURRENT.set(Snapshot(str(root), sizes, read))
    try:
        yield
    finally:
        CURRENT.reset(before)
