"""Where everything lies in a run directory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.stores.location import located

PARTIAL_PREFIX = "."
PARTIAL_SUFFIX = ".partial"


def shard_name(shard_id: int) -> str:
    """Name of a shard in file names: six digits, more where the number needs them.

    Raises:
        ValueError: The number is negative.
    """
    if shard_id < 0:
        raise ValueError(f"a shard number cannot be negative, got {shard_id}")
    return f"{shard_id:06d}"


def partial_path(path: Path) -> Path:
    """Name under which this process writes `path` until it is complete.

    With the process's number, so that nobody ever renames what another has begun.
    """
    return path.with_name(f"{PARTIAL_PREFIX}{path.name}.{os.getpid()}{PARTIAL_SUFFIX}")


@dataclass(frozen=True, slots=True)
class RunLayout:
    """The paths of a run directory; it creates nothing.

    Attributes:
        root: The run directory; on a store it is a :class:`pipeline.stores.path.StorePath`.
    """

    root: Path

    def __post_init__(self) -> None:
        """Know a store's address, also where it came as a plain path."""
        object.__setattr__(self, "root", located(self.root))

    @property
    def run_json(self) -> Path:
        """Resolved config, versions and fingerprints."""
        return self.root / "run.json"

    @property
    def partition_json(self) -> Path:
        """How the input is cut into shards."""
        return self.root / "partition.json"

    @property
    def balance_json(self) -> Path:
        """How often edits and their reverses come in the input, where that was counted."""
        return self.root / "balance.json"

    @property
    def manifest_json(self) -> Path:
        """The finished shards with their checksums; exists only when the run is complete."""
        return self.root / "manifest.json"

    @property
    def shards_txt(self) -> Path:
        """The tars, a line each; written when the run is complete."""
        return self.root / "shards.txt"

    @property
    def sizes_json(self) -> Path:
        """Samples of each tar; written when the run is complete."""
        return self.shards_dir / "sizes.json"

    @property
    def readme(self) -> Path:
        """The dataset card."""
        return self.root / "README.md"

    @property
    def croissant_json(self) -> Path:
        """The dataset card for machines."""
        return self.root / "croissant.json"

    @property
    def lock(self) -> Path:
        """Held by the one process that may write here."""
        return self.root / ".lock"

    @property
    def captions_dir(self) -> Path:
        """Folder of the captions files."""
        return self.root / "captions"

    @property
    def shards_dir(self) -> Path:
        """Folder of the tars, their sidecars and receipts."""
        return self.root / "shards"

    @property
    def candidates_dir(self) -> Path:
        """Folder of all candidates, where they are kept."""
        return self.root / "candidates"

    def captions(self, shard_id: int) -> Path:
        """The captions file of a shard, JSON lines."""
        return self.captions_dir / f"{shard_name(shard_id)}.jsonl"

    def tar(self, shard_id: int) -> Path:
        """The WebDataset shard; absent where every row of the shard was rejected."""
        return self.shards_dir / f"{shard_name(shard_id)}.tar"

    def candidates(self, shard_id: int) -> Path:
        """Every candidate of the shard's pictures; absent where they are not kept."""
        return self.candidates_dir / f"{shard_name(shard_id)}.tar"

    def sidecar(self, shard_id: int) -> Path:
        """Parquet table with a row for every item made or rejected."""
        return self.shards_dir / f"{shard_name(shard_id)}.parquet"

    def receipt(self, shard_id: int) -> Path:
        """Completion marker of a shard, written after all its files."""
        return self.shards_dir / f"{shard_name(shard_id)}.json"

    def relative(self, path: Path) -> str:
        """Path as the receipts and the manifest name it: below the root, with slashes."""
        return path.relative_to(self.root).as_posix()

    def tars(self) -> list[Path]:
        """The tars that are there, in the order of their numbers."""
        return sorted(self.shards_dir.glob("*.tar"), key=lambda path: (len(path.name), path.name))

    def partial_files(self) -> list[Path]:
        """Unfinished files that a killed process left, sorted."""
        pattern = f"{PARTIAL_PREFIX}*{PARTIAL_SUFFIX}"
        return sorted(path for path in self.root.rglob(pattern) if path.is_file())

    def remove_partial_files(self) -> list[Path]:
        """Remove what a killed process left, and say what that was.

        Call it only under the run's lock: a partial file may belong to a living writer.
        """
        leftovers = self.partial_files()
        for path in leftovers:
            path.unlink(missing_ok=True)
        return leftovers
