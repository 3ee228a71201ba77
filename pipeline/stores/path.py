"""An object of a store as a path, so that a run directory may lie on one.

Own code on fsspec: universal-pathlib's paths ask a store once, and a store that is away must be
asked again, and never be taken for one without the file.

Longer than 300 lines because all that a path answers is one class.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path, PosixPath
from typing import IO, Any, Final, Self, TypeVar

from pipeline.core.addresses import without_private_addresses
from pipeline.core.errors import ConfigError, TransientError
from pipeline.stores.asking import TRIES, Wording, ask, explain, failures, is_missing_file, log
from pipeline.stores.fence import before_write
from pipeline.stores.ranges import RangeReader
from pipeline.stores.snapshot import snapshot_of

Answer = TypeVar("Answer")

PATIENT_TRIES: Final = 11
"""Tries of a write: about two minutes, since what is written again has to be made again."""

CREATES: Final = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "memory"})
"""Kinds of stores whose libraries turn `mode="create"` into a conditional request: s3fs into
If-None-Match, gcsfs into ifGenerationMatch=0, adlfs into an upload without overwriting."""

STORE: Final = Wording(
    noun="",
    check="check the address",
    rights="check the credentials, and what they allow",
    later="what is finished is kept: run again when the store answers",
)
"""How messages name what is on a store."""


class StorePath(PosixPath):
    """A path such as `s3://bucket/run/run.json`.

    It reads, lists and removes like :class:`pathlib.Path`; there are no folders to make, and files
    are written by :meth:`written` and :meth:`create` alone.

    Whatever asks the store raises `ConfigError` (no bucket, no rights, no credentials) or, after a
    few tries, `TransientError`, where a local path would raise an `OSError`; only a missing file is
    a `FileNotFoundError`.
    """

    def __str__(self) -> str:
        """The address."""
        text = super().__str__()
        scheme, slash, rest = text.partition(":/")
        return f"{scheme}://{rest}" if slash and "/" not in scheme else text

    def __fspath__(self) -> str:
        """The address, which fsspec opens."""
        return str(self)

    @property
    def size_bytes(self) -> int:
        """Size of the object.

        Raises:
            FileNotFoundError: There is none.
        """
        if (known := snapshot_of(str(self))) is not None:
            if str(self) not in known.sizes:
                raise FileNotFoundError(2, "there is no such object", str(self))
            return known.sizes[str(self)]
        info = self._asked(lambda fs, inner: fs.info(inner))
        if info["type"] == "directory":
            raise FileNotFoundError(2, "there is no such object", str(self))
        return int(info["size"])

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Size; nothing else is known.

        Raises:
            FileNotFoundError: There is no such object.
        """
        mode = stat.S_IFREG | 0o644
        return os.stat_result((mode, 0, 0, 1, 0, 0, self.size_bytes, 0, 0, 0))

    def exists(self, *, follow_symlinks: bool = True) -> bool:
        """Whether there is such an object, or one below it."""
        if snapshot_of(str(self)) is not None:
            return self.is_file() or self.is_dir()
        try:
            self._asked(lambda fs, inner: fs.info(inner))
        except FileNotFoundError:
            return False
        return True

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """Whether there is such an object."""
        try:
            return self.size_bytes >= 0
        except FileNotFoundError:
            return False

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Whether there is an object below it."""
        if (known := snapshot_of(str(self))) is not None:
            return any(name.startswith(f"{self}/") for name in known.sizes)
        try:
            return bool(self._asked(lambda fs, inner: fs.info(inner))["type"] == "directory")
        except FileNotFoundError:
            return False

    def is_absolute(self) -> bool:
        """Always: an address means the same everywhere."""
        return True

    def resolve(self, strict: bool = False) -> Self:
        """Itself."""
        return self

    def absolute(self) -> Self:
        """Itself."""
        return self

    def expanduser(self) -> Self:
        """Itself."""
        return self

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Nothing: a store has no folders."""

    def open(self, mode: str = "r", *_: object, **__: object) -> IO[Any]:  # type: ignore[override]
        """Open for reading and seeking.

        Raises:
            FileNotFoundError: There is no such object.
        """
        if mode not in {"r", "rt", "rb"}:
            raise io.UnsupportedOperation(f"{self} is opened for reading only")
        size_bytes = self.size_bytes
        fs, inner = self._found()
        raw = RangeReader(fs, inner, size_bytes, lambda fetch: self._asked(lambda *_: fetch()))
        buffered = io.BufferedReader(raw, buffer_size=1 << 20)
        return buffered if mode == "rb" else io.TextIOWrapper(buffered, encoding="utf-8")

    def read_bytes(self) -> bytes:
        """All of it, in one request.

        Raises:
            FileNotFoundError: There is no such object.
        """
        known = snapshot_of(str(self))
        if known is not None and str(self) in known.contents:
            return known.contents[str(self)]
        data: bytes = self._asked(lambda fs, inner: fs.cat_file(inner))
        return data

    def read_text(self, encoding: str | None = None, *_: object, **__: object) -> str:
        """All of it, as UTF-8 where nothing else is said.

        Raises:
            FileNotFoundError: There is no such object.
        """
        return self.read_bytes().decode(encoding or "utf-8")

    def iterdir(self) -> Generator[Self, None, None]:
        """What is directly below it, in order of the names; nothing where there is nothing."""
        try:
            names = self._asked(lambda fs, inner: fs.ls(inner, detail=False))
        except FileNotFoundError:
            names = []
        own = self._found()[1].rstrip("/")
        for name in sorted({name.rstrip("/").rpartition("/")[2] for name in names if name != own}):
            yield self / name

    def glob(self, pattern: str, **_: object) -> Iterator[Self]:  # type: ignore[override]
        """What is directly below it and fits."""
        return (path for path in self.iterdir() if fnmatchcase(path.name, pattern))

    def rglob(self, pattern: str, **_: object) -> Iterator[Self]:  # type: ignore[override]
        """The objects below it, however deep, whose names fit."""
        return (self / name for name in self.sizes() if fnmatchcase(name.split("/")[-1], pattern))

    def sizes(self) -> dict[str, int]:
        """The objects below it, however deep: name relative to it → size in bytes."""
        found = self._asked(lambda fs, inner: fs.find(inner, detail=True))
        start = len(self._found()[1].rstrip("/")) + 1
        return {name[start:]: int(info["size"]) for name, info in found.items() if name[start:]}

    def read_together(self, sizes: Mapping[str, int]) -> dict[str, bytes]:
        """Address → bytes of objects of known sizes, many at a time where the library can."""
        if not sizes:
            return {}

        def read(fs: Any, _: str) -> list[bytes]:  # noqa: ANN401
            inner = [fs._strip_protocol(address) for address in sizes]
            found: list[bytes] = fs.cat_ranges(inner, 0, list(sizes.values()), on_error="raise")
            return found

        return dict(zip(sizes, self._asked(read), strict=True))

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove the object.

        Raises:
            FileNotFoundError: There is none, and that is not fine.
        """
        if missing_ok and not self.is_file():
            return  # so that a run needs no right to remove
        try:
            self._written(lambda fs, inner: fs.rm_file(inner))
        except FileNotFoundError:
            if not missing_ok:
                raise

    def write_bytes(self, data: Any, *, tries: int | None = None) -> int:  # noqa: ANN401
        """Write the object in one request, again where that fails, patiently if not told."""
        self._written(lambda fs, inner: fs.pipe_file(inner, bytes(data)), tries)
        return len(data)

    def create(self, data: bytes) -> bool:
        """Write the object where there is none, in one conditional request; whether it was written.

        A store that knows no such request is asked first and written to then, so that of two who
        do so at once both may; a warning says so.
        """
        if str(self).partition(":")[0] not in CREATES:
            log.warning(
                "%s: this kind of store cannot say which of two processes came first; have one run "
                "at a time write there", self.parent,
            )  # fmt: skip

        def once(fs: Any, inner: str) -> bool:  # noqa: ANN401
            try:
                fs.pipe_file(inner, data, mode="create")
            except FileExistsError:
                return False
            except (NotImplementedError, TypeError):
                if fs.exists(inner):
                    return False
                fs.pipe_file(inner, data)
            return True

        return bool(self._written(once))

    def upload(self, file: Path) -> None:
        """Make the object of a local file; it appears complete or not at all."""
        self._written(lambda fs, inner: fs.put_file(str(file), inner))

    def ping(self) -> None:
        """Ask the store for anything below this path, to know early that it answers.

        Raises:
            ConfigError: There is no such bucket, or no right to list it, or no credentials.
            TransientError: It does not answer.
        """
        with suppress(FileNotFoundError):
            self._asked(lambda fs, inner: fs.ls(inner, detail=False), tries=2)

    def _found(self) -> tuple[Any, str]:
        """The file system and the path in it.

        Raises:
            ConfigError: Its kind is unknown, or needs a package that is not installed.
        """
        import fsspec

        address = str(self)
        options: dict[str, object] = {"use_listings_cache": False}
        if address.startswith(("s3://", "s3a://")):
            # s3fs gives up on an answer after 15 s, which a large upload may need.
            options["config_kwargs"] = {"connect_timeout": 20, "read_timeout": 120}
        try:
            return fsspec.core.url_to_fs(address, **options)  # type: ignore[no-any-return]
        except ImportError as error:
            raise ConfigError(
                f"{address} needs a package that is not installed: {error}; for S3 and Google "
                "Cloud: pip install 'counterfactory[remote]'"
            ) from error
        except ValueError as error:
            said = without_private_addresses(str(error))
            raise ConfigError(f"{address} cannot be used: {said}") from error
        except failures() as error:
            raise explain(error, address, STORE) from error

    def _written(self, what: Callable[[Any, str], Answer], tries: int | None = None) -> Answer:
        """Change the store, patiently, as long as this process may."""

        def once(fs: Any, inner: str) -> Answer:  # noqa: ANN401
            try:
                before_write(str(self))
            except TransientError as error:  # the store's own failure, to be explained as one here
                raise error.__cause__ or error from None
            return what(fs, inner)

        return self._asked(once, tries=tries or PATIENT_TRIES)

    def _asked(self, what: Callable[[Any, str], Answer], tries: int = TRIES) -> Answer:
        """Ask the store, again where the failure may pass.

        Raises:
            FileNotFoundError: The bucket is there and the object is not.
        """
        fs, inner = self._found()
        missing: list[FileNotFoundError] = []

        def once() -> Answer | None:
            try:
                return what(fs, inner)
            except FileNotFoundError as error:
                if not is_missing_file(error):
                    raise
                missing.append(error)
                return None

        answer = ask(once, str(self), STORE, tries=tries)
        if missing:
            raise FileNotFoundError(2, "there is no such object", str(self)) from missing[0]
        return answer  # type: ignore[return-value]
