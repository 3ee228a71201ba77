"""WebDataset archives: pictures with captions in txt or json, in whatever order they stand.

The members of a sample share the part of their path before the first dot of the base name.
They mostly stand next to each other, and are then read in passing. From the first sample on
that lacks a caption or a picture where it stands, the rest of the archive is looked through
for what belongs together. A sample without a picture is a caption-only anchor.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import islice
from typing import BinaryIO

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile
from pipeline.sources.rows import Row
from pipeline.sources.tar_scan import Damage, Member, entries
from pipeline.sources.unpacking import packing
from pipeline.sources.webdataset_sample import Group, SampleReader

_IN_PASSING = -1


class WebDatasetTar:
    """Rows of WebDataset archives.

    A position is (archive, offset of the first header), where the sample stands in one piece
    and all before it do; else (archive, offset, where the index of the rest begins).
    """

    kind = "webdataset"
    has_images = True

    def __init__(self, files: tuple[InputFile, ...], config: SourceConfig) -> None:
        self._files = files
        self._reader = SampleReader(config)
        self._index: tuple[tuple[int, int], list[Group | Damage]] | None = None
        # A remote archive costs a request each, so only the first is looked into.
        for file in files if not files[0].remote else files[:1]:
            _check_archive(file)

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield a row for every sample; see :meth:`pipeline.sources.rows.RowFormat.rows`.

        Damage gives one more row, a fault that stands for what cannot be read; what stands
        behind it is read.
        """
        first, offset = (start or (0, 0))[:2]
        begin = start[2] if start and len(start) > 2 else _IN_PASSING
        skip = start[3] if start and len(start) > 3 else 0
        for number in range(first, len(self._files)):
            yield from islice(self._archive_rows(number, offset, begin), skip, None)
            offset, begin, skip = 0, _IN_PASSING, 0

    def _archive_rows(self, number: int, offset: int, begin: int) -> Iterator[Row]:
        file = self._files[number]
        with file.opened() as stream:
            if begin != _IN_PASSING:
                yield from self._indexed_rows(number, offset, begin, stream)
                return
            group: Group | None = None
            for entry in entries(stream, file.size_bytes, offset):
                if isinstance(entry, Member):
                    key, extension = _split(entry.name)
                    if not key:
                        continue
                    if group and key == group.key and extension not in group.parts:
                        group.parts[extension] = entry
                        continue
                if group and not group.looks_complete() and not _cuts(entry, group):
                    yield from self._indexed_rows(number, group.offset, group.offset, stream)
                    return
                yield from self._passed_rows(number, group, entry, stream)
                group = None
                if isinstance(entry, Member):
                    group = Group(key, entry.header_offset, {extension: entry})
            if group and not group.looks_complete():
                yield from self._indexed_rows(number, group.offset, group.offset, stream)
            elif group:
                yield from self._sample_rows(number, group, _IN_PASSING, stream)

    def _passed_rows(
        self, number: int, group: Group | None, entry: Member | Damage, stream: BinaryIO
    ) -> Iterator[Row]:
        """Rows of a sample that ends at an entry, and of the entry where it is damage."""
        if group and not group.looks_complete():
            what = entry.what if isinstance(entry, Damage) else ""
            yield self._damage_row(number, (number, group.offset), group.key, what)
            return
        if group:
            yield from self._sample_rows(number, group, _IN_PASSING, stream)
        if isinstance(entry, Damage):
            key = _split(entry.name)[0]
            yield self._damage_row(number, (number, entry.offset), key, entry.what)

    def _indexed_rows(
        self, number: int, offset: int, begin: int, stream: BinaryIO
    ) -> Iterator[Row]:
        """Rows from `offset` on, of an archive that is looked through from `begin` on."""
        if self._index is None or self._index[0] != (number, begin):
            found = _gather(stream, self._files[number].size_bytes, begin)
            self._index = ((number, begin), found)
        for item in self._index[1]:
            if item.offset < offset:
                continue
            if isinstance(item, Damage):
                key = _split(item.name)[0]
                yield self._damage_row(number, (number, item.offset, begin), key, item.what)
            elif item.damage:
                place = (number, item.offset, begin)
                yield self._damage_row(number, place, item.key, item.damage)
            else:
                yield from self._sample_rows(number, item, begin, stream)

    def _sample_rows(
        self, number: int, group: Group, begin: int, stream: BinaryIO
    ) -> Iterator[Row]:
        origin = f"{self._files[number].name}:{_shown(group.key)}"
        return self._reader.rows((number, group.offset, begin), origin, group, stream)

    def _damage_row(self, number: int, position: tuple[int, ...], key: str, what: str) -> Row:
        name = self._files[number].name
        fault = Fault(
            "source.corrupt_file",
            f"the archive is damaged here: {what}; what stood here in {name} is lost: fetch the "
            "archive again",
        )
        return Row(position, f"{name}:{_shown(key) if key else '?'}", fault=fault)


def _cuts(entry: Member | Damage, group: Group) -> bool:
    """Whether damage is why a sample is not complete."""
    if not isinstance(entry, Damage):
        return False
    return not entry.name or _split(entry.name)[0] == group.key


def _gather(stream: BinaryIO, size_bytes: int, begin: int) -> list[Group | Damage]:
    """The samples from `begin` on, wherever their members stand, in order of their first."""
    found: list[Group | Damage] = []
    latest: dict[str, Group] = {}
    group: Group | None = None
    for entry in entries(stream, size_bytes, begin):
        if isinstance(entry, Damage):
            found.append(entry)
            if group and _cuts(entry, group):
                group.damage = entry.what
            continue
        key, extension = _split(entry.name)
        if not key:
            continue
        group = latest.get(key)
        if group is None or extension in group.parts:
            group = latest[key] = Group(key, entry.header_offset)
            found.append(group)
        group.parts[extension] = entry
    for item in found:
        # What is whole though something of it is lost is a sample like any other.
        if isinstance(item, Group) and item.looks_complete():
            item.damage = ""
    told = {item.damage for item in found if isinstance(item, Group) and item.damage}
    return [item for item in found if isinstance(item, Group) or item.what not in told]


def _check_archive(file: InputFile) -> None:
    """Refuse what is no plain tar at all.

    Raises:
        ConfigError: It is compressed, or something else.
    """
    with file.opened() as stream:
        if packing(stream.read(16)) is not None:
            raise ConfigError(
                f"input {file.shown} is a compressed tar, which cannot be read from the middle; "
                "unpack it to .tar first"
            )
        damage: Damage | None = None
        for entry in entries(stream, file.size_bytes):
            if isinstance(entry, Member):
                return
            damage = damage or entry
    if damage is not None:
        raise ConfigError(f"input {file.shown} is no readable tar: {damage.what}; fetch it again")


def _split(path: str) -> tuple[str, str]:
    """Key and extension, cut at the first dot of the base name; both empty if it has none."""
    folder, slash, base = path.rpartition("/")
    stem, dot, extension = base.partition(".")
    complete = stem and dot and extension
    return (folder + slash + stem, extension.lower()) if complete else ("", "")


def _shown(key: str) -> str:
    """A key as a person may safely see it; keys are untrusted."""
    return key if key.isprintable() else ascii(key)
