"""Tars with the bytes of tarfile, and a reader that lets nothing pass."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from pipeline.core.errors import ShardCorruptError, StageContractError
from pipeline.core.records import Sample
from pipeline.shards.reader import iterate_samples
from pipeline.shards.tarball import TarWriter, read_entries

SAMPLES = [
    Sample("00aa", (("txt", b"one"), ("json", b"{}" * 300), ("min0.jpg", b"\xff" * 512))),
    Sample("00bb", (("txt", b""), ("min0.txt", b"x" * 511))),
]


def write(path: Path, samples: list[Sample] = SAMPLES) -> bytes:
    with path.open("wb") as file:
        writer = TarWriter(file)
        for sample in samples:
            writer.add(sample)
        writer.finish()
    data = path.read_bytes()
    assert writer.out.sha256 == hashlib.sha256(data).hexdigest()
    assert writer.out.size_bytes == len(data)
    return data


def test_the_bytes_are_those_of_tarfile(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for sample in SAMPLES:
            for name, data in sorted(sample.fields):
                info = tarfile.TarInfo(f"{sample.key}.{name}")
                info.size, info.mode = len(data), 0o644
                tar.addfile(info, io.BytesIO(data))
    assert write(tmp_path / "a.tar") == buffer.getvalue()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.tar")
    read = {entry.name: entry.data for entry in read_entries(tmp_path / "a.tar")}
    assert read == {f"{s.key}.{name}": data for s in SAMPLES for name, data in s.fields}
    assert list(read) == [
        "00aa.json", "00aa.min0.jpg", "00aa.txt", "00bb.min0.txt", "00bb.txt",
    ]  # fmt: skip


def test_a_cut_at_any_block_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    whole = write(path)
    for length in [*range(0, len(whole), 512), len(whole) - 1, 700]:
        path.write_bytes(whole[:length])
        with pytest.raises(ShardCorruptError, match=r"a\.tar: at byte \d+"):
            list(read_entries(path))


def test_a_damaged_header_is_not_taken_for_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    data = bytearray(write(path))
    second = [entry.offset for entry in read_entries(path)][1]
    data[second + 3] ^= 1
    path.write_bytes(data)
    with tarfile.open(path) as tar:
        assert len(tar.getnames()) == 1, "the library's reader stops there and says nothing"
    with pytest.raises(ShardCorruptError, match=rf"at byte {second}: no tar header"):
        list(read_entries(path))


@pytest.mark.parametrize("where", ["padding", "behind the end"])
def test_bytes_where_none_belong_are_found(tmp_path: Path, where: str) -> None:
    path = tmp_path / "a.tar"
    data = bytearray(write(path))
    data[512 + 600 + 5 if where == "padding" else -1] = 1
    path.write_bytes(data)
    with pytest.raises(ShardCorruptError, match="at byte"):
        list(read_entries(path))


def test_links_and_folders_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        info = tarfile.TarInfo("00aa.jpg")
        info.type, info.linkname = tarfile.SYMTYPE, "../../secret"
        tar.addfile(info)
    with pytest.raises(ShardCorruptError, match="not a plain file"):
        list(read_entries(path))


def test_a_name_too_long_for_the_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StageContractError, match="anchor ids must be short"):
        write(tmp_path / "a.tar", [Sample("k" * 120, (("txt", b"x"),))])


@pytest.mark.parametrize(
    ("samples", "what"),
    [
        ([Sample("00aa", (("txt", b"x"),))], "sample 00aa has no json"),
        ([Sample("00aa", (("json", b"{"),))], "json of sample 00aa is not valid"),
        ([Sample("00aa", (("json", b'{"key": "00aa"}'),))], "json of sample 00aa is not valid"),
        ([Sample("00aa", (("json", b"{}"),))] * 2, "'00aa.json' is there twice"),
        ([Sample("a/b", (("json", b"{}"),))], "is not <key>.<field>"),
    ],
    ids=["no json", "broken json", "other json", "twice", "folder"],
)
def test_the_sample_reader_tolerates_nothing(
    tmp_path: Path, samples: list[Sample], what: str
) -> None:
    write(tmp_path / "a.tar", samples)
    with pytest.raises(ShardCorruptError, match=what):
        list(iterate_samples([tmp_path / "a.tar"]))


def test_a_missing_tar_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ShardCorruptError, match="missing"):
        list(iterate_samples([tmp_path / "a.tar"]))
