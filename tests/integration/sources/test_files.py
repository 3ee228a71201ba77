"""Remote files are read like local ones."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.core.records import Anchor
from pipeline.sources import Source, open_source

pytestmark = pytest.mark.integration


@pytest.fixture
def store() -> Iterator[fsspec.AbstractFileSystem]:
    filesystem = fsspec.filesystem("memory")
    yield filesystem
    filesystem.store.clear()


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 10), (200, 30, 30)).save(buffer, "JPEG")
    return buffer.getvalue()


def archive(first: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for key in range(first, first + 3):
            described = json.dumps({"url": f"u{key}"}).encode()
            for name, data in (
                ("jpg", picture()),
                ("txt", f"thing {key}".encode()),
                ("json", described),
            ):
                info = tarfile.TarInfo(f"{key:09}.{name}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def parquet() -> bytes:
    buffer = io.BytesIO()
    rows = [{"caption": f"thing {i}", "image": picture()} for i in range(6)]
    pq.write_table(pa.Table.from_pylist(rows), buffer, row_group_size=4)
    return buffer.getvalue()


FILES = {
    "cc_tsv": ({"c.tsv": b"".join(b"thing %d\tu%d\n" % (i, i) for i in range(6))}, "c.tsv"),
    "webdataset": ({"0.tar": archive(0), "1.tar": archive(3)}, "{0..1}.tar"),
    "tabular": ({"t.parquet": parquet()}, "t.parquet"),
}


def read_backwards(source: Source) -> list[object]:
    parts = [list(source.read(span)) for span in reversed(list(source.partition()))]
    return [item for part in reversed(parts) for item in part]


@pytest.mark.parametrize("kind", list(FILES))
def test_a_remote_input_reads_like_a_local_one(
    store: fsspec.AbstractFileSystem, tmp_path: Path, kind: str
) -> None:
    contents, pattern = FILES[kind]
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
        store.pipe_file(f"/bucket/{name}", data)
    settings = {"kind": kind, "shard_size": 2, "image_column": "image"}
    local, remote = (
        open_source(SourceConfig.model_validate({**settings, "input": f"{folder}/{pattern}"}))
        for folder in (tmp_path, "memory://bucket")
    )

    results = read_backwards(remote)

    assert results == read_backwards(local)
    assert len(results) == 6
    assert all(isinstance(item, Anchor) for item in results)
    assert remote.describe()["size_bytes"] == local.describe()["size_bytes"]


def test_a_replaced_remote_file_has_another_fingerprint(store: fsspec.AbstractFileSystem) -> None:
    store.pipe_file("/bucket/c.tsv", b"one\tu\n")
    first = open_source(SourceConfig(input="memory://bucket/c.tsv")).describe()
    store.pipe_file("/bucket/c.tsv", b"two\tu\n")
    second = open_source(SourceConfig(input="memory://bucket/c.tsv")).describe()

    assert first["fingerprint"] != second["fingerprint"]


def test_a_missing_remote_file_is_an_error_at_once(store: fsspec.AbstractFileSystem) -> None:
    with pytest.raises(ConfigError, match=r"memory://bucket/none\.tsv does not exist"):
        open_source(SourceConfig(input="memory://bucket/none.tsv"))


def test_remote_images_by_path(store: fsspec.AbstractFileSystem) -> None:
    store.pipe_file("/bucket/t.jsonl", b'{"caption": "a", "i": "x/1.jpg"}\n' * 1 +
                    b'{"caption": "b", "i": "x/2.jpg"}\n')  # fmt: skip
    store.pipe_file("/bucket/x/1.jpg", picture())
    source = open_source(
        SourceConfig(kind="tabular", input="memory://bucket/t.jsonl", image_column="i")
    )

    first, second = read_backwards(source)

    assert first.image.width_px == 20
    assert second.reason == "source.missing_image"
