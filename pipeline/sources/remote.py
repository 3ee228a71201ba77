"""Remote files: what a server says of them, and reading them though it answers badly."""

from __future__ import annotations

import io
from functools import partial
from typing import Any, BinaryIO, NoReturn

from pipeline.core.addresses import public_address, without_private_addresses
from pipeline.core.errors import ConfigError
from pipeline.stores.asking import ask, explain, failures
from pipeline.stores.kept_blocks import kept_blocks
from pipeline.stores.ranges import RangeReader

_STAMP_KEYS = ("ETag", "etag", "md5Hash", "crc32c", "generation", "checksum", "LastModified",
               "last_modified", "updated", "mtime", "modified", "created")  # fmt: skip


def find(path: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it.

    Raises:
        ConfigError: Its kind is unknown, or needs a package that is not installed.
    """
    import fsspec

    shown = public_address(path)
    options: dict[str, object] = {}
    if path.lower().startswith(("http://", "https://")):
        import aiohttp

        # Ranges of a body that the server packs would be ranges of the packed one.
        options["headers"] = {"Accept-Encoding": "identity"}
        options["client_kwargs"] = {
            "timeout": aiohttp.ClientTimeout(total=600, sock_connect=20, sock_read=60)
        }
    try:
        filesystem, inner = fsspec.core.url_to_fs(path, **options)
    except ImportError as error:
        raise ConfigError(
            f"input {shown} needs a package that is not installed: "
            f"{without_private_addresses(str(error))}; for S3 and Google "
            "Cloud: pip install 'counterfactory[remote]'"
        ) from error
    except ValueError as error:
        raise ConfigError(
            f"input {shown} cannot be read: {without_private_addresses(str(error))}"
        ) from error
    except failures() as error:
        raise explain(error, shown) from error
    return filesystem, inner


def stat_remote(path: str) -> tuple[int, str]:
    """Size and content stamp of a remote file that exists.

    Raises:
        ConfigError: It does not, or is a folder, or its size is unknown.
        TransientError: Its server does not answer properly at present.
    """
    shown = public_address(path)
    filesystem, inner = find(path)
    info = ask(lambda: filesystem.info(inner), shown)
    if info.get("type") == "directory":
        raise ConfigError(f"input {shown} is a folder; name its files with a brace pattern")
    if info.get("size") is None:
        raise ConfigError(f"input {shown}: its server does not tell the size; download it first")
    stamp = next((f"{key}={info[key]}" for key in _STAMP_KEYS if info.get(key)), "")
    return int(info["size"]), stamp


def open_remote(path: str, size_bytes: int, stamp: str) -> BinaryIO:
    """Open a remote file for reading and seeking; what a run has read is not fetched again."""
    from fsspec.asyn import AsyncFileSystem

    filesystem, inner = find(path)
    shown = public_address(path)
    # What is asked for by range can be asked for again; other stores read through their own.
    raw: Any
    if isinstance(filesystem, AsyncFileSystem):
        kept = kept_blocks(path, size_bytes, stamp)
        raw = RangeReader(filesystem, inner, size_bytes, lambda fetch: ask(fetch, shown), kept)
    else:
        raw = ask(lambda: filesystem.open(inner, "rb"), shown)
    # fsspec's own readline is slow Python; a buffer of the standard library is not.
    return io.BufferedReader(raw, buffer_size=1 << 20)


def read_ends(path: str, size_bytes: int, edge: int) -> bytes:
    """The first and the last bytes of a remote file, which may overlap; nothing else is fetched.

    Raises:
        TransientError: Its server does not answer properly at present.
        ConfigError: It is gone, or may not be read.
    """
    filesystem, inner = find(path)
    shown = public_address(path)
    found = []
    for start in (0, max(0, size_bytes - edge)):
        end = min(start + edge, size_bytes)
        data: bytes = ask(partial(filesystem.cat_file, inner, start=start, end=end), shown)
        if len(data) == size_bytes:  # a server that knows no ranges sends everything
            return data[:edge] + data[max(0, size_bytes - edge) :]
        found.append(data)
    return b"".join(found)


def reraise(error: Exception, shown: str) -> NoReturn:
    """Raise what a failure while reading a remote file means."""
    raise explain(error, shown) from error
