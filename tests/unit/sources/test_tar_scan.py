"""A walk through a tar finds each member and each place that is damaged."""

from __future__ import annotations

import io
import tarfile

import pytest

from pipeline.sources.tar_scan import Damage, Member, entries, read_member


def found(data: bytes, offset: int = 0) -> list[str]:
    stream = io.BytesIO(data)
    return [
        entry.name if isinstance(entry, Member) else f"! {entry.what.partition(' at byte')[0]}"
        for entry in entries(stream, len(data), offset)
    ]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_format_with_long_names_and_folders(form: int) -> None:
    buffer = io.BytesIO()
    long = "f" * 90 + "/" + "é" * 40 + ".txt" if form != tarfile.USTAR_FORMAT else "f/long.txt"
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name in ("a.txt", long):
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    data = buffer.getvalue()

    members = [e for e in entries(io.BytesIO(data), len(data)) if isinstance(e, Member)]

    assert [m.name for m in members] == ["a.txt", long]
    assert [read_member(io.BytesIO(data), m) for m in members] == [b"abc"] * 2
    assert found(data, members[1].header_offset) == [long]


def test_damage_is_found_again_from_where_it_begins(make) -> None:
    data = bytearray(make.tar_bytes([(f"{i}.txt", bytes(700)) for i in range(5)]))
    data[1536:1540] = b"????"  # the header of the second member
    cut = bytes(data[:6500])  # in the middle of the last member
    whole = list(entries(io.BytesIO(cut), len(cut)))
    damage = [entry for entry in whole if isinstance(entry, Damage)]

    assert len(damage) == 2
    for entry in damage:
        rest = list(entries(io.BytesIO(cut), len(cut), entry.offset))
        assert rest == whole[whole.index(entry) :]


def test_an_archive_inside_an_archive_is_a_member(make) -> None:
    inner = make.tar_bytes([("inner.txt", b"x" * 900)])

    assert found(make.tar_bytes([("a.tar", inner), ("b.txt", b"b")])) == ["a.tar", "b.txt"]
    assert found(bytes(1024)) == []
    assert found(b"text " * 300) == ["! broken header"]
