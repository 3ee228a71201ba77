"""WebDataset archives as img2dataset writes them: jpg, png or webp with txt and json.

The members of a sample stand next to each other and share the part of their path before
the first dot of the base name. Other members are ignored. A sample without a picture is
a caption-only anchor.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import BinaryIO

from pipeline.core.errors import ConfigError
from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile
from pipeline.sources.pictures import MAX_PICTURE_BYTES
from pipeline.sources.rows import Row, parse_json, utf8_fault
from pipeline.sources.tar_scan import Member, TarDamage, members, read_member

_PICTURES = ("jpg", "jpeg", "png", "webp")
_OTHER_PICTURES = frozenset(
    {"gif", "bmp", "tif", "tiff", "avif", "heic", "heif", "jp2", "jxl", "svg", "ico"}
)
_MAX_TEXT_BYTES = 1 << 20
_MAX_JSON_BYTES = 1 << 24


@dataclass(slots=True)
class _Group:
    """Members of one sample, by extension; grows while the archive is scanned."""

    key: str
    offset: int
    parts: dict[str, Member] = field(default_factory=dict)


class WebDatasetTar:
    """Rows of WebDataset archives. A position is (archive, offset of the first header)."""

    kind = "webdataset"

    def __init__(self, files: tuple[InputFile, ...]) -> None:
        self._files = files
        # A remote archive costs a request each, so only the first is looked into.
        for file in files if not files[0].remote else files[:1]:
            _check_archive(file)

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield a row for every sample; see :meth:`pipeline.sources.rows.RowFormat.rows`.

        A damaged archive gives one more row, a fault that stands for everything from the
        last sample that is not surely whole to the end. The next archive goes on.
        """
        first, offset = start or (0, 0)
        for number in range(first, len(self._files)):
            yield from self._archive_rows(number, offset)
            offset = 0

    def _archive_rows(self, number: int, offset: int) -> Generator[Row, None, None]:
        file = self._files[number]
        group: _Group | None = None
        with file.opened() as stream:
            try:
                for member in members(stream, file.size_bytes, offset):
                    key, extension = _split(member.name)
                    if not key or not extension:
                        continue
                    if group and (key != group.key or extension in group.parts):
                        yield _row(number, file.name, group, stream)
                        group = None
                    group = group or _Group(key, member.header_offset)
                    group.parts[extension] = member
            except TarDamage as damage:
                yield _damaged_row(number, file, group, offset, damage)
                return
            if group:
                yield _row(number, file.name, group, stream)


def _check_archive(file: InputFile) -> None:
    """Refuse what is no plain tar at all.

    Raises:
        ConfigError: It is compressed, or something else.
    """
    with file.opened() as stream:
        magic = stream.read(2)
        if magic == b"\x1f\x8b" or file.packed:
            raise ConfigError(
                f"input {file.path} is a compressed tar, which cannot be read from the middle; "
                "unpack it to .tar first"
            )
        try:
            next(members(stream, file.size_bytes), None)
        except TarDamage as damage:
            raise ConfigError(
                f"input {file.path} is no readable tar: {damage}; fetch it again"
            ) from damage


def _split(path: str) -> tuple[str, str]:
    """Key and extension, cut at the first dot of the base name; both empty if it has none."""
    folder, slash, base = path.rpartition("/")
    stem, dot, extension = base.partition(".")
    return (folder + slash + stem, extension.lower()) if stem and dot else ("", "")


def _damaged_row(
    number: int, file: InputFile, group: _Group | None, start: int, damage: TarDamage
) -> Row:
    # A row must be readable by itself: begin at its own sample, or at the damage's.
    position = (number, group.offset if group else start)
    fault = Fault(
        "source.corrupt_file",
        f"the archive is damaged here: {damage}; this sample and all behind it in {file.name} "
        "are lost: fetch the archive again",
    )
    return Row(position, f"{file.name}:{_shown(group.key) if group else '?'}", fault=fault)


def _row(number: int, name: str, group: _Group, stream: BinaryIO) -> Row:
    position = (number, group.offset)
    origin = f"{name}:{_shown(group.key)}"
    described = _read_json(group, stream)
    if isinstance(described, Fault):
        return Row(position, origin, fault=described)
    caption = _read_caption(group, described, stream)
    if isinstance(caption, Fault):
        return Row(position, origin, fault=caption)
    address = described.get("url")
    url = address if isinstance(address, str) else None
    return Row(
        position,
        origin,
        caption,
        url,
        (group.key.encode("utf-8", "surrogateescape"), caption, url or ""),
        _picture_loader(group, stream),
    )


def _read_json(group: _Group, stream: BinaryIO) -> dict[str, object] | Fault:
    member = group.parts.get("json")
    if member is None:
        return {}
    if member.size_bytes > _MAX_JSON_BYTES:
        return Fault("source.too_long", f"its json has {member.size_bytes} bytes; shorten it")
    return parse_json(read_member(stream, member), "its json")


def _read_caption(group: _Group, described: dict[str, object], stream: BinaryIO) -> str | Fault:
    member = group.parts.get("txt")
    if member is None:
        caption = described.get("caption")
        if isinstance(caption, str):
            return caption
        return Fault(
            "source.no_caption",
            f"the sample has {', '.join(sorted(group.parts))} but no txt, and no text under "
            "`caption` in a json; add one",
        )
    if member.size_bytes > _MAX_TEXT_BYTES:
        return Fault("source.too_long", f"its txt has {member.size_bytes} bytes; shorten it")
    try:
        return read_member(stream, member).decode("utf-8")
    except UnicodeDecodeError as error:
        return utf8_fault(error, "its txt")


def _picture_loader(group: _Group, stream: BinaryIO) -> Callable[[], bytes | Fault] | None:
    extension = next((name for name in _PICTURES if name in group.parts), None)
    if extension is None:
        other = next((name for name in sorted(group.parts) if name in _OTHER_PICTURES), None)
        if other is None:
            return None
        refused = Fault(
            "source.undecodable_image", f"its image is {other}; convert it to jpg, png or webp"
        )
        return lambda: refused
    member = group.parts[extension]
    if member.size_bytes > MAX_PICTURE_BYTES:
        large = Fault(
            "source.undecodable_image", f"its image has {member.size_bytes} bytes; scale it down"
        )
        return lambda: large
    return lambda: read_member(stream, member)


def _shown(key: str) -> str:
    """A key as a person may safely see it; keys are untrusted."""
    return key if key.isprintable() else ascii(key)
