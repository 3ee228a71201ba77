"""Parquet as datasets, img2dataset, Arrow and Spark write it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.sources import Source, open_source

PROGRAMS = Path(__file__).parents[2] / "data" / "inputs" / "programs"


def opened(path: Path, **settings: object) -> Source:
    config = {"kind": "tabular", "input": str(path), "shard_size": 2, **settings}
    return open_source(SourceConfig.model_validate(config))


def captions(source: Source) -> list[str]:
    spans = list(source.partition())
    rows = [row for span in spans for row in source.read(span)]
    backwards = [list(source.read(span)) for span in reversed(spans)][::-1]
    assert [row for part in backwards for row in part] == rows
    return [getattr(row, "original_caption", None) or row.reason for row in rows]


TYPES = [
    pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string()),
    pa.dictionary(pa.int8(), pa.large_string()),
]  # fmt: skip


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_every_type_of_text(tmp_path: Path, kind: pa.DataType) -> None:
    column = pa.array(["a dog", None, "a café"]).cast(kind)
    pq.write_table(pa.table({"caption": column}), tmp_path / "t.parquet")

    assert captions(opened(tmp_path / "t.parquet")) == ["a dog", "source.no_caption", "a café"]


@pytest.mark.parametrize(
    "kind",
    [pa.list_(pa.string()), pa.large_list(pa.large_string()), pa.list_(pa.string(), 2)],
    ids=str,
)
def test_several_captions_are_several_anchors(tmp_path: Path, make, kind: pa.DataType) -> None:
    column = pa.array([["a dog", "a brown dog"], ["a cat", "a black cat"], ["x y", None]], kind)
    table = pa.table({"caption": column, "image": [make.picture(shade=s) for s in (10, 90, 170)]})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=2)
    source = opened(tmp_path / "t.parquet", image_column="image", shard_size=3)

    rows = make.everything(source)

    assert [row.origin for row in rows[:3]] == ["t.parquet:1#1", "t.parquet:1#2", "t.parquet:2#1"]
    assert captions(source) == [
        "a dog", "a brown dog", "a cat", "a black cat", "x y", "source.no_caption",
    ]  # fmt: skip
    assert rows[0].image == rows[1].image != rows[2].image
    assert captions(opened(tmp_path / "t.parquet", captions="first")) == ["a dog", "a cat", "x y"]


def test_nested_columns_by_dotted_name(tmp_path: Path) -> None:
    rows = [{"meta": {"text": "a dog", "sentences": [{"raw": "one dog"}, {"raw": "a wet dog"}]}}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    path = tmp_path / "t.parquet"

    assert captions(opened(path, caption_column="meta.text")) == ["a dog"]
    nested = captions(opened(path, caption_column="meta.sentences.raw"))
    assert nested == ["one dog", "a wet dog"]
    with pytest.raises(ConfigError, match="no field 'title'"):
        opened(path, caption_column="meta.title")
    pq.write_table(pa.table({"meta.text": ["plain"]}), path)
    assert captions(opened(path, caption_column="meta.text")) == ["plain"]


@pytest.mark.parametrize("name", ["text", "TEXT", "captions", "Caption"])
def test_other_names_of_the_caption_are_tried(tmp_path: Path, name: str) -> None:
    pq.write_table(pa.table({name: ["a dog"], "n": [1]}), tmp_path / "t.parquet")

    assert captions(opened(tmp_path / "t.parquet")) == ["a dog"]


def test_the_image_struct_of_datasets(tmp_path: Path, make) -> None:
    (tmp_path / "0.jpg").write_bytes(make.picture(shade=7))
    images = [
        {"bytes": None, "path": "0.jpg"}, {"bytes": make.picture("png"), "path": "gone.png"},
        {"bytes": None, "path": None}, None, {"bytes": None, "path": "gone.jpg"},
    ]  # fmt: skip
    rows = [{"caption": f"row {i}", "image": image} for i, image in enumerate(images)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")

    found = make.everything(opened(tmp_path / "t.parquet", image_column="image"))

    assert [make.outcome(row) for row in found] == ["ok"] * 4 + ["source.missing_image"]
    assert [bool(row.image) for row in found[:4]] == [True, True, False, False]


def test_img2datasets_own_sidecar(tmp_path: Path) -> None:
    """Rows of failed downloads have captions, too; the pictures are in tars beside it."""
    table = pa.table(
        {
            "url": ["http://e.x/1.jpg", "http://e.x/2.jpg"],
            "key": ["000000000", "000000001"],
            "status": ["success", "failed_to_download"],
            "error_message": pa.array([None, "HTTP Error 404"]),
            "width": pa.array([10, None]),
            "caption": ["a dog", "a cat"],
        }
    )
    pq.write_table(table, tmp_path / "00000.parquet")

    assert captions(opened(tmp_path / "00000.parquet", url_column="url")) == ["a dog", "a cat"]


def test_a_list_of_captions_by_duckdb() -> None:
    found = captions(opened(PROGRAMS / "duckdb_nested.parquet", caption_column="caps"))

    assert len(found) == 24
    assert found[:2] == ["a red, trolley", "A RED, TROLLEY"]


def test_a_folder_of_parts_as_spark_writes_it(tmp_path: Path) -> None:
    folder = tmp_path / "t.parquet"
    folder.mkdir()
    (folder / "_SUCCESS").touch()
    for number in range(3):
        part = folder / f"part-0000{number}-abc-c000.snappy.parquet"
        pq.write_table(pa.table({"caption": [f"a dog {number}"]}), part)

    assert captions(opened(folder)) == ["a dog 0", "a dog 1", "a dog 2"]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"caption": ["a dog"] * 1000}), tmp_path / "t.parquet")
    data = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(data[: len(data) // 2])

    with pytest.raises(ConfigError, match="no readable parquet"):
        opened(tmp_path / "t.parquet")
