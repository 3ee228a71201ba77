"""Which tars a person means: a run directory, a list, a pattern, an address."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Sequence
from os import PathLike, fspath
from typing import Any

from fsspec.core import url_to_fs

from pipeline.core.addresses import public_address
from pipeline.core.errors import ConfigError
from pipeline.stores.asking import ask
from pipeline.stores.path import STORE

Source = str | PathLike[str]


def resolve_shards(source: Source | Sequence[Source]) -> tuple[str, ...]:
    """Addresses of the tars, each once, in the order of the sources and of their numbers.

    Args:
        source: One or several of: a run directory or a folder of tars (its `shards.txt`
            decides, where there is one); a `shards.txt`; a tar; a pattern with `*` or with
            braces (`…/{000000..000099}.tar`), whose missing tars are left out with a warning,
            since a shard without samples has none. Each may be any fsspec address.

    Raises:
        ConfigError: It names no tar.
        TransientError: A store does not answer.
    """
    sources = [source] if isinstance(source, str | PathLike) else list(source)
    found: dict[str, None] = {}
    for one in sources:
        shards = _asked(fspath(one))
        if not shards:
            raise ConfigError(
                f"{fspath(one)} names no tar; give a run directory that holds shards/*.tar, a "
                "shards.txt, a tar, or a pattern of tars"
            )
        found |= dict.fromkeys(shards)
    if not found:
        raise ConfigError("no shards were given; give a run directory or a tar")
    return tuple(found)


def count_samples(shards: Iterable[str]) -> int | None:
    """Samples in all of the tars, by the `sizes.json` beside each; None where one is missing."""
    sizes: dict[str, dict[str, int]] = {}
    total = 0
    for shard in shards:
        folder, _, name = shard.rpartition("/")
        if folder not in sizes:
            fs, path = url_to_fs(f"{folder}/sizes.json" if folder else "sizes.json")
            sizes[folder] = json.loads(fs.cat_file(path)) if fs.exists(path) else {}
        if name not in sizes[folder]:
            return None
        total += sizes[folder][name]
    return total


def _asked(source: str) -> list[str]:
    """The tars; a store is asked again where it does not answer.

    Raises:
        TransientError: It still does not.
    """
    if "://" not in source:
        return _resolve(source)
    return ask(lambda: _resolve(source), public_address(source), STORE)


def _resolve(source: str) -> list[str]:
    if "{" in source:
        return _expand_braces(source)
    fs, path = url_to_fs(source)
    if "*" in path or "?" in path or "[" in path:
        return _addresses(fs, path, fs.glob(path))
    if path.endswith(".tar"):
        return [source]
    if path.endswith(".txt"):
        return _read_list(fs, path, source)
    for folder in (path.rstrip("/"), f"{path.rstrip('/')}/shards"):
        listed = f"{folder}/shards.txt"
        if fs.exists(listed):
            return _read_list(fs, listed, source)
    for folder in (f"{path.rstrip('/')}/shards", path.rstrip("/")):
        if tars := _addresses(fs, path, fs.glob(f"{folder}/*.tar")):
            return tars
    return []


def _expand_braces(source: str) -> list[str]:
    from braceexpand import braceexpand

    there: list[str] = []
    missing: list[str] = []
    for address in braceexpand(source):
        fs, path = url_to_fs(address)
        (there if fs.exists(path) else missing).append(address)
    if missing and there:
        warnings.warn(
            f"{len(missing)} of the tars that {source} names are not there, the first "
            f"{missing[0]}: a shard without samples has none; shards.txt lists those that exist",
            stacklevel=4,
        )
    return there


def _read_list(fs: Any, path: str, source: str) -> list[str]:  # noqa: ANN401
    folder = path.rpartition("/")[0]
    if not fs.exists(path):
        raise ConfigError(f"{source} does not exist")
    names = [line.strip() for line in fs.cat_file(path).decode().splitlines()]
    return [
        name if "://" in name or name.startswith("/") else _address(fs, f"{folder}/{name}")
        for name in names
        if name and not name.startswith("#")
    ]


def _addresses(fs: Any, path: str, found: Iterable[str]) -> list[str]:  # noqa: ANN401
    tars = sorted((name for name in found if name.endswith(".tar")), key=lambda n: (len(n), n))
    return [_address(fs, name) for name in tars]


def _address(fs: Any, path: str) -> str:  # noqa: ANN401
    """The full address; a local file keeps its plain path."""
    protocol = fs.protocol if isinstance(fs.protocol, str) else fs.protocol[0]
    return path if protocol in {"file", "local"} else str(fs.unstrip_protocol(path))
