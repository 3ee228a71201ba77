"""Model folders: found on the disk or fetched from the Hugging Face hub, and named by content."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import ConfigError, PermanentError

_WHOLE_FILE_BYTES = 64 * 2**20
_BLOCK_BYTES = 64 * 2**10
_BLOCKS = 256

_HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model on disk and the name of its content.

    Attributes:
        source: What the config says: a folder, a hub id or a `builtin:` name.
        folder: Where it lies.
        identity: `hub-id@commit`, or the digest of the files that decide what it computes.
        commit: Hub commit, or None.
    """

    source: str
    folder: Path
    identity: str
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class ModelSetting:
    """A key of the config that names a model, and how such models are stored.

    Attributes:
        key: The key, for messages: "images.model".
        files: The files of a folder that decide what the model computes, in a fixed order.
        check: Raises ConfigError for a folder that holds no such model.
        no_download: What needs no hub, for a person who has none; may be empty.
    """

    key: str
    files: Callable[[Path], Iterable[Path]]
    check: Callable[[Path], None]
    no_download: str = ""

    def locate(self, name: str, download: Callable[[], str | Path]) -> ModelFolder:
        """Find the folder that `name` means; a hub id is downloaded once.

        Args:
            name: A folder or a hub id.
            download: Fetches the hub id and returns the folder of the snapshot, which has the
                commit as its name.

        Raises:
            ConfigError: It is neither, or the folder holds no such model.
            PermanentError: The hub cannot be reached, or has no such model.
        """
        folder = Path(name).expanduser()
        if folder.is_dir():
            self.check(folder)
            return ModelFolder(name, folder, hash_files(folder, self.files(folder)))
        if not _HUB_ID.fullmatch(name):
            hint = f"; {self.no_download}" if self.no_download else ""
            raise ConfigError(
                f"{self.key} {name!r}: there is no such folder, and it is no hub id (owner/name) "
                f"either{hint}"
            )
        snapshot = self._fetch(name, download)
        self.check(snapshot)
        return ModelFolder(name, snapshot, f"{name}@{snapshot.name}", snapshot.name)

    def _fetch(self, hub_id: str, download: Callable[[], str | Path]) -> Path:
        import httpx

        try:
            return Path(download())
        except (OSError, ValueError, httpx.HTTPError) as error:
            # diffusers wraps what the hub answered in advice on its own cache.
            reason = str(error.__cause__ or error).strip().split("\n")[0]
            hint = f"; {self.no_download}" if self.no_download else ""
            raise PermanentError(
                f"{self.key} {hub_id!r}: there is no such folder here, and the hub did not give "
                f"it ({reason}). Without internet, copy the model to this machine and name its "
                f"folder as {self.key}{hint}"
            ) from error


def download_files(hub_id: str, patterns: Sequence[str], revision: str | None = None) -> str:
    """Download the files of a hub repository that match; returns the snapshot's folder."""
    from huggingface_hub import snapshot_download

    return snapshot_download(hub_id, revision=revision, allow_patterns=list(patterns))


def hash_files(folder: Path, files: Iterable[Path]) -> str:
    """Name of the content of some of a folder's files, by their names in it."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(folder).as_posix()}\0{hash_file(file)}\n".encode())
    return digest.hexdigest()


def hash_file(file: Path) -> str:
    """Sha256 of a file of at most 64 MiB; of a larger one, of its size and of samples.

    Hashing seven gigabytes at every start would take longer than many a run, so of large
    files 256 blocks of 64 KiB count, spread evenly from the first byte (the safetensors
    header) to the last. Training moves all of a tensor's values, and the blocks lie in
    every tensor of a few tens of megabytes; a hand edit of single values can escape.
    """
    size = file.stat().st_size
    digest = hashlib.sha256(f"{size}\0".encode())
    with file.open("rb") as stream:
        if size <= _WHOLE_FILE_BYTES:
            while block := stream.read(2**20):
                digest.update(block)
        else:
            for number in range(_BLOCKS):
                stream.seek((size - _BLOCK_BYTES) * number // (_BLOCKS - 1))
                digest.update(stream.read(_BLOCK_BYTES))
    return digest.hexdigest()


def user_cache_folder() -> Path:
    """Folder of what this package keeps for the user between runs."""
    from platformdirs import user_cache_path

    return user_cache_path("counterfactory", appauthor=False)


def build_once(target: Path, build: Callable[[Path], None]) -> Path:
    """The folder `target`, filled by `build` where it is not there yet.

    Safe with several processes, which must build the same bytes: each builds beside the
    target, and the first rename wins.

    Raises:
        ConfigError: The folder that is to hold it cannot be written.
    """
    if target.is_dir():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise ConfigError(
            f"the cache folder {target.parent} cannot be written: {error}; set XDG_CACHE_HOME"
        ) from error
    try:
        build(scratch)
        scratch.chmod(0o755)
        try:
            os.rename(scratch, target)
        except OSError:
            if not target.is_dir():  # else another process was first
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target
