"""One sample of a WebDataset archive: which of its members are captions and pictures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from pipeline.config.source import SourceConfig
from pipeline.core.addresses import without_secrets
from pipeline.core.stage import Fault
from pipeline.sources.pictures import MAX_PICTURE_BYTES, picture_format
from pipeline.sources.rows import Row, is_clean, parse_json, utf8_fault
from pipeline.sources.table_rows import cell_of
from pipeline.sources.tar_scan import Member, read_head, read_member

_PICTURES = ("jpg", "jpeg", "png", "webp")
"""Fields that webdataset itself decodes as the sample's picture, the first that is there."""

_TEXTS = ("txt", "text", "caption", "cap", "caption.txt", "text.txt")
_NO_PICTURES = frozenset(
    {"txt", "text", "caption", "cap", "transcript", "json", "jsonl", "cls", "cls2", "index", "id",
     "inx", "npy", "npz", "pt", "pth", "ten", "tb", "mp", "msg", "pyd", "pickle", "pkl", "yaml",
     "yml", "csv", "tsv", "parquet", "safetensors", "html", "xml", "mp3", "wav", "flac", "ogg",
     "m4a", "mp4", "avi", "mov", "mkv", "webm", "zip", "gz", "__key__", "__url__"}
)  # fmt: skip
"""Last suffixes of fields that surely hold no picture; all others are looked into."""

_NUMBERED = re.compile(r"(\D*)(\d+)((?:\.\w+)?)")
_HEAD_BYTES = 64
_MAX_TEXT_BYTES = 1 << 20
_MAX_JSON_BYTES = 1 << 24


@dataclass(slots=True)
class Group:
    """Members of one sample, by field; grows while the archive is scanned."""

    key: str
    offset: int
    parts: dict[str, Member] = field(default_factory=dict)
    damage: str = ""

    def looks_complete(self) -> bool:
        """Whether it has a text and what may be a picture, so that nothing must be missing."""
        fields = [name.rpartition(".")[2] for name in self.parts]
        has_text = any(name in _TEXTS or name == "json" for name in fields)
        return has_text and any(name not in _NO_PICTURES for name in fields)


class SampleReader:
    """Makes rows of a sample, by the settings of its source."""

    def __init__(self, config: SourceConfig) -> None:
        self._caption = config.caption_column
        self._fields = config.image_fields
        self._first_only = config.captions == "first"
        self._encoding = config.encoding or "utf-8-sig"

    def rows(
        self, position: tuple[int, ...], origin: str, group: Group, stream: BinaryIO
    ) -> Iterator[Row]:
        """Yield the rows that a sample makes: one for each of its captions and pictures.

        Args:
            position: Of the sample: archive, offset and where an index begins, or -1.
            origin: Of the sample.
            group: Its members.
            stream: The archive; must stay open while a row is used.
        """
        described = self._described(group, stream)
        captions = self._captions(group, described, stream)
        pictures = self._pictures(group, stream)
        fault = next((found for found in (captions, pictures) if isinstance(found, Fault)), None)
        if fault is not None or isinstance(captions, Fault) or isinstance(pictures, Fault):
            yield Row(position[: 2 if position[2] < 0 else 3], origin, fault=fault)
            return
        address = described.get("url") if isinstance(described, dict) else None
        is_address = isinstance(address, str) and is_clean(address)
        url = without_secrets(str(address)) if is_address else None
        pairs = _pairs(captions, pictures)[: 1 if self._first_only else None]
        key = group.key.encode("utf-8", "surrogateescape")
        for number, (caption, name) in enumerate(pairs):
            place = position[:2] if position[2] < 0 else position
            identity: tuple[str | bytes, ...] = (key, caption, url or "")
            if name is not None and len(pictures) > 1:
                identity = (*identity, name)
            loader = _loader(group.parts[name], stream) if name is not None else None
            yield Row(
                (*position, number) if number else place,
                f"{origin}#{number + 1}" if len(pairs) > 1 else origin,
                caption,
                url,
                identity,
                loader,
                likeness=_likeness(loader, url),
            )

    def _described(self, group: Group, stream: BinaryIO) -> dict[str, object] | Fault:
        """The sidecar, or what is wrong with it: that matters only where the caption is in it."""
        member = group.parts.get("json")
        if member is None:
            return {}
        if member.size_bytes > _MAX_JSON_BYTES:
            return Fault("source.too_long", f"its json has {member.size_bytes} bytes; shorten it")
        return parse_json(read_member(stream, member), "its json")

    def _captions(
        self, group: Group, described: dict[str, object] | Fault, stream: BinaryIO
    ) -> dict[str, str] | Fault:
        """Captions by the field that they stand in."""
        names = [name for name in (self._caption, *_TEXTS) if name in group.parts]
        numbered = _numbered([name for name in group.parts if name.endswith(".txt")])
        if names or numbered:
            texts = {name: self._text(group.parts[name], stream) for name in names[:1] or numbered}
            fault = next((text for text in texts.values() if isinstance(text, Fault)), None)
            return fault or {name: text for name, text in texts.items() if isinstance(text, str)}
        if isinstance(described, Fault):
            return described
        others = ("text", "captions", "TEXT") if self._caption == "caption" else ()
        for column in (self._caption, *others):
            cell = cell_of(described, column)
            cells = cell if isinstance(cell, list) else [cell]
            if cells and all(isinstance(text, str) for text in cells):
                return {f"{column}#{number}": str(text) for number, text in enumerate(cells)}
        return Fault(
            "source.no_caption",
            f"the sample has {', '.join(sorted(group.parts))} but no txt, and no text under "
            f"`{self._caption}` in a json; add one, or set source.caption_column",
        )

    def _text(self, member: Member, stream: BinaryIO) -> str | Fault:
        if member.size_bytes > _MAX_TEXT_BYTES:
            return Fault("source.too_long", f"its txt has {member.size_bytes} bytes; shorten it")
        try:
            return read_member(stream, member).decode(self._encoding)
        except UnicodeDecodeError as error:
            return utf8_fault(error, "its txt")

    def _pictures(self, group: Group, stream: BinaryIO) -> list[str] | Fault:
        """Fields of the sample that hold its pictures."""
        if self._fields is not None:
            return [name for name in self._fields if name in group.parts]
        plain = next((name for name in _PICTURES if name in group.parts), None)
        if plain is not None:
            return [plain]
        found = [
            name
            for name, member in group.parts.items()
            if name.rpartition(".")[2] not in _NO_PICTURES
            and picture_format(read_head(stream, member, _HEAD_BYTES)) is not None
        ]
        if len(found) < 2:
            return found
        return _numbered(found) or Fault(
            "source.several_images",
            f"the sample has several pictures ({', '.join(sorted(found))}); name those to use in "
            "source.image_fields",
        )


def _numbered(names: Sequence[str]) -> list[str]:
    """The fields in the order of their numbers, where each is numbered in the same way."""
    matches = [_NUMBERED.fullmatch(name) for name in names]
    if not all(matches) or len({m[1] for m in matches if m}) != 1:
        return []
    return sorted(names, key=lambda name: int(_number(name) or 0))


def _number(name: str) -> str | None:
    match = _NUMBERED.fullmatch(name)
    return match[2] if match else None


def _pairs(captions: dict[str, str], pictures: Sequence[str]) -> list[tuple[str, str | None]]:
    """Captions with pictures: those of the same number, else each with each."""
    if not pictures:
        return [(caption, None) for caption in captions.values()]
    numbers = {_number(name): text for name, text in captions.items()}
    if len(captions) > 1 and None not in numbers and set(map(_number, pictures)) == set(numbers):
        return [(numbers[_number(name)], name) for name in pictures]
    return [(caption, name) for name in pictures for caption in captions.values()]


def _loader(member: Member, stream: BinaryIO) -> Callable[[], bytes | Fault]:
    if member.size_bytes > MAX_PICTURE_BYTES:
        large = Fault(
            "source.undecodable_image", f"its image has {member.size_bytes} bytes; scale it down"
        )
        return lambda: large
    return lambda: read_member(stream, member)


def _likeness(
    loader: Callable[[], bytes | Fault] | None, url: str | None
) -> Callable[[], bytes | None]:
    """What names the sample besides its caption: its picture, or its address without one."""
    if loader is None:
        return lambda: (url or "").encode()

    def of_picture() -> bytes | None:
        data = loader()
        return None if isinstance(data, Fault) else hashlib.sha256(data).digest()

    return of_picture
