"""A folder of pictures, each with its caption in a text file of the same name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile
from pipeline.sources.rows import Row, parse_json, utf8_fault
from pipeline.sources.table_pictures import likeness_of, picture_loader

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif",
     ".heic", ".heif", ".jp2", ".j2k", ".jpx", ".jxl", ".psd", ".svg", ".dng", ".cr2",
     ".nef", ".arw"}
)  # fmt: skip
"""Suffixes of pictures; those that cannot be read are rejected with a reason, not passed over."""

TEXT_SUFFIXES = (".txt", ".caption", ".text")
_OTHER_TEXTS = frozenset({"readme", "license", "licence", "copying", "notice", "requirements"})
_TABLES = frozenset({".csv", ".tsv", ".parquet", ".jsonl", ".json"})
_MAX_TEXT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class _Pair:
    """Files of one name, by their paths below the folder."""

    name: str
    picture: str | None
    text: str | None


class PictureFolder:
    """Rows of a folder and the folders in it, in the order of names. A position is (row,)."""

    kind = "folder"
    has_images = True

    def __init__(self, folder: str, *, encoding: str | None = None) -> None:
        self._folder = Path(folder)
        self._encoding = encoding or "utf-8-sig"
        self._pairs = _pairs(self._folder)
        if not self._pairs:
            raise ConfigError(
                f"input {folder} holds no pictures with captions; each picture needs a .txt of "
                "the same name beside it"
            )
        self._refuse_a_table()
        self.files = tuple(
            InputFile(str(self._folder / (pair.picture or pair.text or "")), pair.name,
                      _size(self._folder / (pair.picture or pair.text or "")), "", False)
            for pair in self._pairs
        )  # fmt: skip

    def _refuse_a_table(self) -> None:
        """Say so where not one picture has a text and the captions stand in a table instead."""
        if any(pair.text for pair in self._pairs):
            return
        tables = sorted(p for p in self._folder.rglob("*") if p.suffix.lower() in _TABLES)
        if tables:
            raise ConfigError(
                f"input {self._folder}: no picture has a .txt beside it; if {tables[0]} holds the "
                f"captions, use --input {tables[0]} --set source.image_column=… (its column of "
                "the pictures' paths)"
            )

    def fingerprint(self) -> str:
        """Name of the content: names and sizes of the pictures, and the captions."""
        digest = hashlib.sha256()
        for pair, file in zip(self._pairs, self.files, strict=True):
            digest.update(f"{pair.name};{file.size_bytes};".encode("utf-8", "surrogateescape"))
            if pair.text is not None:
                digest.update(self._read(pair.text))
        return digest.hexdigest()[:16]

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield a row for every name; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        for number in range(start[0] if start else 0, len(self._pairs)):
            yield self._row((number,), self._pairs[number])

    def _row(self, position: tuple[int, ...], pair: _Pair) -> Row:
        if pair.text is None:
            what = f"{pair.picture} has no .txt of its name beside it; add it or drop the picture"
            return Row(position, pair.name, fault=Fault("source.no_caption", what))
        data = self._read(pair.text)
        if pair.text.endswith(".json") and len(data) <= _MAX_TEXT_BYTES:
            found = _caption_of(data, pair.text)
            if isinstance(found, Fault):
                return Row(position, pair.name, fault=found)
            data = found
        if len(data) > _MAX_TEXT_BYTES:
            fault = Fault("source.too_long", f"{pair.text} has more than 1 MiB; shorten it")
            return Row(position, pair.name, fault=fault)
        try:
            caption = data.decode(self._encoding)
        except UnicodeDecodeError as error:
            return Row(position, pair.name, fault=utf8_fault(error, pair.text))
        identity: tuple[str | bytes, ...] = (caption, "path", os.fsencode(pair.name))
        file = InputFile(str(self._folder / pair.text), pair.name, 0, "", False)
        loader = picture_loader(file, pair.picture, str(self._folder))
        return Row(
            position,
            pair.name,
            caption,
            identity=identity,
            load_picture=loader,
            likeness=(lambda: likeness_of(loader)) if loader else (lambda: b""),
        )

    def _read(self, name: str) -> bytes:
        try:
            with (self._folder / name).open("rb") as stream:
                return stream.read(_MAX_TEXT_BYTES + 1)
        except OSError as error:
            raise PermanentError(f"{self._folder / name} cannot be read: {error}") from error


def _caption_of(data: bytes, name: str) -> bytes | Fault:
    """The caption of a JSON file beside a picture, as downloaders write it."""
    record = parse_json(data, name)
    if isinstance(record, Fault):
        return record
    found = next((record[key] for key in ("caption", "text", "description") if key in record), None)
    if not isinstance(found, str):
        return Fault("source.no_caption", f"{name} has no text under `caption`; add one")
    return found.encode("utf-8", "surrogatepass")


def _pairs(folder: Path) -> list[_Pair]:
    pictures: dict[str, str] = {}
    texts: dict[str, str] = {}
    described: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if any(part.startswith(".") for part in relative.parts) or not path.is_file():
            continue
        name, suffix = str(relative.with_suffix("")), path.suffix.lower()
        if suffix in PICTURE_SUFFIXES:
            # Two pictures of one name are two rows.
            pictures[str(relative) if name in pictures else name] = str(relative)
        elif suffix in TEXT_SUFFIXES and path.stem.lower() not in _OTHER_TEXTS:
            texts.setdefault(name, str(relative))
            # Some write the whole name of the picture, a.jpg.txt.
            if relative.with_suffix("").suffix.lower() in PICTURE_SUFFIXES:
                texts[str(relative.with_suffix("").with_suffix(""))] = texts.pop(name)
        elif suffix == ".json":
            described[name] = str(relative)
    names = sorted({*pictures, *texts})
    return [
        _Pair(
            name,
            pictures.get(name),
            texts.get(name) or texts.get(_stem(name)) or described.get(name),
        )
        for name in names
    ]


def _stem(name: str) -> str:
    return str(Path(name).with_suffix(""))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise ConfigError(f"input {path} cannot be read: {error.strerror}") from error
