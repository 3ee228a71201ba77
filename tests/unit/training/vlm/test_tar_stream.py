"""A tar is a stream of samples; what nobody wants is passed over, and damage is not hidden."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from pipeline.core.errors import ShardCorruptError
from pipeline.training.vlm.tar_stream import stream_samples

MEMBERS = {"dir/a.json": b"{}", "dir/a.min0.jpg": b"picture", "b.json": b"[]" * 900}


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    path = tmp_path / "000000.tar"
    with tarfile.open(path, "w") as tar:
        for name, data in MEMBERS.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def test_members_of_one_key_are_a_sample(shard: Path) -> None:
    found = list(stream_samples(str(shard), lambda field: True))
    assert [(one.key, dict(one.fields)) for one in found] == [
        ("a", {"json": b"{}", "min0.jpg": b"picture"}),
        ("b", {"json": b"[]" * 900}),
    ]


def test_only_wanted_fields_are_read(shard: Path) -> None:
    asked: list[str] = []

    def wants(field: str) -> bool:
        asked.append(field)
        return field == "json"

    assert [set(one.fields) for one in stream_samples(str(shard), wants)] == [{"json"}, {"json"}]
    assert asked == ["json", "min0.jpg", "json"]


def test_a_member_that_is_cut_off_is_named(shard: Path) -> None:
    data = shard.read_bytes()
    shard.write_bytes(data[: data.index(b"[]") + 600])
    with pytest.raises(ShardCorruptError, match=r"damaged at byte 2048: b.json is cut off; fetch"):
        list(stream_samples(str(shard), lambda field: True))
