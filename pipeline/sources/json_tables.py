"""Whole JSON files: tables of any layout, and COCO's captions."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile
from pipeline.sources.json_records import records_of
from pipeline.sources.rows import Row
from pipeline.sources.table_rows import Columns, Table, rows_from

_PEEK_ROWS = 100
_COCO = Columns("caption", "file_name", "coco_url")


class JsonArray:
    """Rows of files that hold one table. A position is (file, row)."""

    kind = "tabular"

    def __init__(self, files: tuple[InputFile, ...], config: SourceConfig) -> None:
        self._files = files
        self._config = config
        self._table = Table(config)
        self.has_images = config.image_column is not None
        self._loaded: tuple[int, list[Any]] | None = None
        self._columns = [
            Columns.of(config).check(file, _names(self._records(number)))
            for number, file in enumerate(files)
        ]

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield every row; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        return rows_from(start, len(self._files), self._file_rows, head=(0,))

    def _file_rows(self, number: int, begin: int) -> Iterator[Row]:
        file, columns = self._files[number], self._columns[number]
        for row, record in enumerate(islice(self._records(number), begin, None), begin):
            position, origin = (number, row), f"{file.name}:{row + 1}"
            if isinstance(record, Mapping):
                yield from self._table.rows(position, origin, file, columns, record)
            else:
                what = f"the entry is a {type(record).__name__}, not an object"
                yield Row(position, origin, fault=Fault("source.bad_json", what))

    def _records(self, number: int) -> list[Any]:
        # One file at a time: a list can only be read whole.
        if self._loaded is None or self._loaded[0] != number:
            file = self._files[number]
            value = load_json(file, self._config.encoding)
            self._loaded = (
                number,
                records_of(file, value, self._config.columns, caption=self._config.caption_column),
            )
        return self._loaded[1]

    def __getstate__(self) -> dict[str, Any]:
        """Leave what was read behind: a worker process reads its file itself."""
        return {**self.__dict__, "_loaded": None}


def _names(records: list[Any]) -> list[str]:
    names: dict[str, None] = {}
    for record in records[:_PEEK_ROWS]:
        if isinstance(record, Mapping):
            names |= dict.fromkeys(record)
    return list(names)


class CocoCaptions:
    """Rows of COCO's caption files, a row for each caption. A position is (file, row).

    Pictures are read from `source.image_folder`, or from where COCO's own archives put them
    beside the annotations; where there are none, the anchors have captions alone.
    """

    kind = "coco"

    def __init__(self, files: tuple[InputFile, ...], config: SourceConfig) -> None:
        self._files = files
        self._config = config
        self._loaded: tuple[int, list[dict[str, object]]] | None = None
        self._folder = config.image_folder or self._beside()
        self.has_images = self._folder is not None
        columns = _COCO if self.has_images else Columns(_COCO.caption, None, _COCO.url)
        self._columns = columns
        self._table = Table(config.model_copy(update={"image_folder": self._folder}))

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield every row; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        first, begin = start or (0, 0)
        for number in range(first, len(self._files)):
            file = self._files[number]
            for row, record in enumerate(islice(self._records(number), begin, None), begin):
                origin = f"{file.name}:{record['id']}"
                yield from self._table.rows((number, row), origin, file, self._columns, record)
            begin = 0

    def _records(self, number: int) -> list[dict[str, object]]:
        if self._loaded is None or self._loaded[0] != number:
            file = self._files[number]
            records = _coco_records(file, load_json(file, self._config.encoding))
            if self._config.captions == "first":
                records = list({str(r["file_name"]): r for r in reversed(records)}.values())[::-1]
            self._loaded = (number, records)
        return self._loaded[1]

    def _beside(self) -> str | None:
        """The folder of the pictures where it is one of those that people use."""
        file = self._files[0]
        if file.remote:
            return None
        folder = Path(file.path).parent
        split = Path(file.path).stem.removeprefix("captions_")
        names = [str(record["file_name"]) for record in self._records(0)[:20]]
        for place in (
            folder, folder / "images", folder / split, folder / "images" / split,
            folder.parent / split, folder.parent / "images", folder.parent / "images" / split,
            folder.parent,
        ):  # fmt: skip
            if any((place / name).is_file() for name in names):
                return str(place)
        return None

    def __getstate__(self) -> dict[str, Any]:
        """Leave what was read behind: a worker process reads its file itself."""
        return {**self.__dict__, "_loaded": None}


def _coco_records(file: InputFile, value: object) -> list[dict[str, object]]:
    """A record for each caption, of COCO's own files or of Karpathy's splits."""
    images = value.get("images") if isinstance(value, Mapping) else None
    annotations = value.get("annotations") if isinstance(value, Mapping) else None
    found: list[dict[str, object]] = []
    if isinstance(images, list) and isinstance(annotations, list):
        by_id = {image.get("id"): image for image in images if isinstance(image, Mapping)}
        for entry in annotations:
            if isinstance(entry, Mapping) and "caption" in entry:
                image = by_id.get(entry.get("image_id"), {})
                found.append(_coco_record(image, entry["caption"], entry.get("id")))
    elif isinstance(images, list):
        for image in filter(lambda image: isinstance(image, Mapping), images):
            found += [
                _coco_record(image, entry.get("raw"), entry.get("sentid"))
                for entry in image.get("sentences") or ()
            ]
    if not found:
        raise ConfigError(
            f"input {file.shown} holds no captions as COCO writes them (images and annotations "
            "with a `caption`); a list of objects is read with --source tabular"
        )
    return found


def _coco_record(image: Mapping[str, Any], caption: object, number: object) -> dict[str, object]:
    name = image.get("file_name") or image.get("filename")
    if name and image.get("filepath"):
        name = f"{image['filepath']}/{name}"
    url = image.get("coco_url") or image.get("flickr_url") or image.get("url")
    return {"caption": caption, "file_name": name, "coco_url": url, "id": number}


def load_json(file: InputFile, encoding: str | None) -> object:
    """Read a whole JSON file.

    Raises:
        ConfigError: It does not parse.
    """
    with file.opened(unpack=True, encoding=encoding) as stream:
        data = stream.read()
    try:
        return _values(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"input {file.shown} is no readable JSON ({error}); is the copy complete? Comments and "
            "commas behind the last entry are no JSON: remove them"
        ) from error


def _values(text: str) -> object:
    """The one value of a text; where values follow each other without commas, their list."""
    decoder = json.JSONDecoder()
    found: list[Any] = []
    place = len(text) - len(text.lstrip())
    while place < len(text):
        value, end = decoder.raw_decode(text, place)
        found.append(value)
        place = end + len(text[end:]) - len(text[end:].lstrip())
    if not found:
        raise ValueError("it is empty")
    return found[0] if len(found) == 1 else found
