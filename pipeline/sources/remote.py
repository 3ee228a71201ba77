"""Remote files: what a server says of them, and reading them though it answers badly."""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, BinaryIO, NoReturn, TypeVar

from pipeline.core.addresses import public_address, without_private_addresses
from pipeline.core.errors import ConfigError, PermanentError, PipelineError, TransientError

TRIES = 4
FIRST_WAIT_S = 0.5
"""Wait before the second try; doubled before each further one."""

LONGEST_WAIT_S = 20.0
BLOCK_BYTES = 1 << 22
_TRANSIENT_STATUS = frozenset(
    {408, 409, 420, 423, 425, 429, 500, 502, 503, 504, 509, 520, 522, 524}
)
_STAMP_KEYS = ("ETag", "etag", "md5Hash", "crc32c", "generation", "checksum", "LastModified",
               "last_modified", "updated", "mtime", "modified", "created")  # fmt: skip
_FAILURES = (
    ("aiohttp", "ClientError"),
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("gcsfs.retry", "HttpError"),
    ("google.auth.exceptions", "GoogleAuthError"),
    ("httpx", "HTTPError"),
    ("httpx2", "HTTPError"),
    ("huggingface_hub.errors", "HfHubHTTPError"),
    ("requests", "RequestException"),
    ("zipfile", "BadZipFile"),
)

Answer = TypeVar("Answer")


def failures() -> tuple[type[Exception], ...]:
    """What the libraries that are loaded raise when a server does not give what it should.

    Not all of it is an OSError, so that a bad answer would end in a traceback.
    """
    found: list[type[Exception]] = [OSError, EOFError, ValueError, asyncio.TimeoutError]
    for module, name in _FAILURES:
        error = getattr(sys.modules.get(module), name, None)
        if isinstance(error, type) and issubclass(error, Exception):
            found.append(error)
    return tuple(found)


def ask(what: Callable[[], Answer], shown: str) -> Answer:
    """Ask a server, a few times where the failure may pass.

    Raises:
        ConfigError: There is no such file, or no permission to read it.
        PermanentError: The server refuses for good.
        TransientError: It still fails after the last try.
    """
    for attempt in range(TRIES):
        try:
            return what()
        except failures() as error:
            explained = explain(error, shown)
            if not isinstance(explained, TransientError) or attempt == TRIES - 1:
                raise explained from error
            wait_s = explained.retry_after_s or FIRST_WAIT_S * 2.0**attempt
            time.sleep(min(wait_s, LONGEST_WAIT_S))
    raise AssertionError("the last try returns or raises")


def explain(error: BaseException, shown: str) -> PipelineError:
    """Say in one sentence what a failure means; nothing secret of the address is repeated."""
    status, wait_s = _status(error)
    if status in {404, 410}:
        return ConfigError(f"input {shown} does not exist; check source.input")
    if status in {401, 403, 407}:
        return ConfigError(
            f"input {shown} may not be read (its server answers {status}); check the password or "
            "the signature, which may have run out"
        )
    if status in _TRANSIENT_STATUS:
        return TransientError(
            f"input {shown} cannot be read: its server answers {status}; try again later",
            retry_after_s=wait_s,
        )
    if status is not None:
        return PermanentError(f"input {shown} cannot be read: its server answers {status}")
    cause = error.__cause__ or error.__context__
    if isinstance(error, FileNotFoundError) and isinstance(cause, failures()):
        # fsspec calls every failure of a web server a missing file.
        return explain(cause, shown)
    if type(error).__name__ == "TooManyRedirects":
        return PermanentError(f"input {shown} cannot be read: its server redirects in a circle")
    if isinstance(error, FileNotFoundError):
        return ConfigError(f"input {shown} does not exist; check source.input")
    if isinstance(error, PermissionError):
        return ConfigError(f"input {shown} may not be read; check the credentials")
    said = without_private_addresses(" ".join(str(error).split()))[:300] or type(error).__name__
    return TransientError(f"input {shown} cannot be read: {said}; try again later")


def _status(error: BaseException) -> tuple[int | None, float | None]:
    """The HTTP status behind an error and the seconds that its server asks to wait."""
    seen: BaseException | None = error
    for _ in range(6):
        if seen is None:
            break
        response = getattr(seen, "response", None)
        # aiohttp's errors about a body have a code, too, which no server sent.
        names = ("status", "status_code", "code")
        for owner in (seen, response):
            for name in names[: 3 if type(owner).__module__.startswith("gcsfs") else 2]:
                value = getattr(owner, name, None)
                if isinstance(value, int) and 300 <= value < 600:
                    headers = getattr(owner, "headers", None) or {}
                    return value, _seconds(headers.get("Retry-After"))
        seen = seen.__cause__ or seen.__context__
    return None, None


def _seconds(value: object) -> float | None:
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return None


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


def open_remote(path: str, size_bytes: int) -> BinaryIO:
    """Open a remote file for reading and seeking."""
    from fsspec.asyn import AsyncFileSystem

    filesystem, inner = find(path)
    shown = public_address(path)
    # What is asked for by range can be asked for again; other stores read through their own.
    raw: Any
    if isinstance(filesystem, AsyncFileSystem):
        raw = _Ranges(filesystem, inner, shown, size_bytes)
    else:
        raw = ask(lambda: filesystem.open(inner, "rb"), shown)
    # fsspec's own readline is slow Python; a buffer of the standard library is not.
    return io.BufferedReader(raw, buffer_size=1 << 20)


class _Ranges(io.RawIOBase):
    """A file that is fetched in blocks; each must come whole, or it is asked for again."""

    def __init__(self, filesystem: Any, inner: str, shown: str, size_bytes: int) -> None:
        self._filesystem = filesystem
        self._inner = inner
        self._shown = shown
        self._size_bytes = size_bytes
        self._position = 0
        self._block = (-1, b"")
        self._whole: BinaryIO | None = None

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; nothing is fetched."""
        begins = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size_bytes}
        self._position = max(0, begins[whence] + offset)
        return self._position

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._position

    def close(self) -> None:
        """Let go of a copy on disk."""
        if self._whole is not None:
            self._whole.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """Read up to the end of a block."""
        if self._position >= self._size_bytes:
            return 0
        if self._whole is not None:
            self._whole.seek(self._position)
            data = self._whole.read(len(buffer))
        else:
            start = self._position - self._position % BLOCK_BYTES
            if self._block[0] != start:
                self._block = (start, ask(lambda: self._fetch(start), self._shown))
            inside = self._position - start
            data = self._block[1][inside : inside + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _fetch(self, start: int) -> bytes:
        end = min(start + BLOCK_BYTES, self._size_bytes)
        data: bytes = self._filesystem.cat_file(self._inner, start=start, end=end)
        if len(data) == end - start:
            return data
        if len(data) == self._size_bytes:
            # The server knows no ranges and sends everything: keep it, once.
            self._whole = tempfile.TemporaryFile(prefix="counterfactory-input-")  # noqa: SIM115
            self._whole.write(data)
            return data[start:end]
        raise OSError(
            f"its server sent {len(data)} bytes where {end - start} were asked for, of a file of "
            f"{self._size_bytes}"
        )


def reraise(error: Exception, shown: str) -> NoReturn:
    """Raise what a failure while reading a remote file means."""
    raise explain(error, shown) from error
