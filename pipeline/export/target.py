"""Where an export goes: text files and pictures below one folder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from pipeline.core.errors import ShardCorruptError
from pipeline.export.reading import ExportSet

IMAGES = "images"


@dataclass(slots=True)
class ExportTarget:
    """The folder that is being filled.

    Attributes:
        folder: Where files are written now.
        final: The name that the folder gets when all is written, for formats that hold whole
            paths.
        rows: Rows written, by what they are.
        skipped: Reason → what could not become a row.
    """

    folder: Path
    final: Path
    rows: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def open(self, name: str) -> Iterator[TextIO]:
        """A new text file, UTF-8 with plain line ends on every system."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file

    def write_picture(self, one: ExportSet, name: str) -> str:
        """Write a picture of a set as it is stored, once; its path below the folder.

        Raises:
            ShardCorruptError: The set does not hold it.
        """
        # By the first digits of the id, so that no folder gets millions of files.
        relative = f"{IMAGES}/{one.key[:2]}/{one.key}.{name}"
        path = self.folder / relative
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture_bytes(one, name))
        return relative

    def whole_path(self, relative: str) -> str:
        """The path that a file will have."""
        return str(self.final / relative)


def picture_bytes(one: ExportSet, name: str) -> bytes:
    """A picture as it is stored.

    Raises:
        ShardCorruptError: The set does not hold it.
    """
    raw = one.described.raw
    if name not in raw.fields:
        raise ShardCorruptError(
            f"{raw.shard}: sample {raw.key} lacks the picture {name} that its json names; fetch "
            "the shard again"
        )
    return raw.fields[name]


def json_line(value: dict[str, Any]) -> str:
    """One line of JSON lines; equal values give equal bytes."""
    return json.dumps(value, ensure_ascii=False) + "\n"
