"""Captions and pictures of other data, such as a benchmark: what a run is compared with.

A run directory; a folder or tar of pictures and captions; or a file of captions: txt (one a
line), csv, tsv, json, jsonl, parquet. Of tables every text of three words or more counts as a
caption, whatever its column is called, so that a benchmark needs no settings.
"""

from __future__ import annotations

import csv
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.core.errors import ConfigError
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import iterate_samples

PICTURES: Final = frozenset({"jpg", "jpeg", "png", "webp"})
TABLES: Final = frozenset({"csv", "tsv", "txt", "json", "jsonl", "parquet"})

LEAST_WORDS: Final = 3
LONGEST_CELL: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class OtherData:
    """Other data on disk; it is read anew by each call.

    Attributes:
        path: Where it is.
    """

    path: Path

    def captions(self) -> Iterator[tuple[str, str]]:
        """Name and text of every caption.

        Raises:
            ConfigError: A file does not parse; names it and the line.
            ShardCorruptError: It is a run, and damaged.
        """
        if is_run(self.path):
            for sample in iterate_samples(RunLayout(self.path)):
                texts = {"txt": sample.document.caption}
                texts |= {f"{name}.txt": text for name, text in sample.document.captions().items()}
                yield from ((f"{sample.key}/{name}", text) for name, text in texts.items())
        elif _suffix(self.path.name) == "tar":
            for name, data in _members(self.path, frozenset({"txt"})):
                yield from _lines(name, data.decode("utf-8", "replace"))
        else:
            for file in _files(self.path, TABLES):
                yield from _table(file)

    def pictures(self) -> Iterator[tuple[str, bytes]]:
        """Name and file of every picture.

        Raises:
            ConfigError: An archive does not open.
            ShardCorruptError: It is a run, and damaged.
        """
        if is_run(self.path):
            for sample in iterate_samples(RunLayout(self.path)):
                for file in sorted({entry.file for entry in sample.document.images.values()}):
                    yield f"{sample.key}/{file}", sample.fields[file]
        elif _suffix(self.path.name) == "tar":
            yield from _members(self.path, PICTURES)
        else:
            for path in _files(self.path, PICTURES):
                yield path.name, path.read_bytes()


def open_other(path: Path) -> OtherData:
    """Find other data.

    Raises:
        ConfigError: It is not there, or of no kind that is known.
    """
    if not path.exists():
        raise ConfigError(f"--against {path} does not exist; name a run directory, file or folder")
    known = TABLES | PICTURES | {"tar"}
    if path.is_file() and _suffix(path.name) not in known:
        raise ConfigError(
            f"--against {path}: no captions or pictures are read from such a file; known are "
            f"{', '.join(sorted(known))}"
        )
    return OtherData(path)


def is_run(path: Path) -> bool:
    """Whether a folder is a run directory."""
    return (path / "run.json").is_file()


def _suffix(name: str) -> str:
    return name.rsplit(".", 1)[-1].lower()


def _files(path: Path, suffixes: frozenset[str]) -> list[Path]:
    """The file, or the files of a folder and those below it, in order."""
    found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    return [file for file in found if _suffix(file.name) in suffixes]


def _members(path: Path, suffixes: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """Files of an archive; they are read, never unpacked, so their names lead nowhere."""
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                data = archive.extractfile(member) if member.isfile() else None
                if data is not None and _suffix(member.name) in suffixes:
                    yield member.name, data.read()
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ConfigError(f"--against {path} cannot be read: {error}") from error


def _table(file: Path) -> Iterator[tuple[str, str]]:
    """Captions of one file, named by file and line."""
    suffix = _suffix(file.name)
    if suffix == "parquet":
        yield from _parquet(file)
        return
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8: {error}; convert it") from error
    if suffix == "txt":
        yield from _lines(file.name, text)
    elif suffix == "json":
        for number, found in enumerate(_texts(_parse(file, text, 1))):
            yield f"{file.name}:{number + 1}", found
    elif suffix == "jsonl":
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                for found in _texts(_parse(file, line, number)):
                    yield f"{file.name}:{number}", found
    else:
        csv.field_size_limit(LONGEST_CELL)
        lines = text.splitlines()
        rows = (
            csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            if suffix == "tsv"
            else csv.reader(lines)
        )
        try:
            for row in rows:
                for cell in row:
                    if _is_caption(cell):
                        yield f"{file.name}:{rows.line_num}", cell
        except csv.Error as error:
            raise ConfigError(f"{file}, line {rows.line_num}: {error}") from error


def _parse(file: Path, text: str, line: int) -> object:
    try:
        parsed: object = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{file}, line {line}: it is not JSON: {error}") from error
    return parsed


def _parquet(file: Path) -> Iterator[tuple[str, str]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as table:
            row = 0
            for batch in table.iter_batches(batch_size=4096):
                for values in batch.to_pylist():
                    row += 1
                    for found in _texts(values):
                        yield f"{file.name}:{row}", found
    except (pa.ArrowException, OSError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error


def _lines(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Every line is a caption here, however short."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield f"{name}:{number}", line.strip()


def _texts(value: object) -> Iterator[str]:
    """Every caption within a JSON value."""
    if isinstance(value, str) and _is_caption(value):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _is_caption(text: str) -> bool:
    return len(text.split()) >= LEAST_WORDS and "://" not in text
