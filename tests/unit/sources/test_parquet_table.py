"""Parquet as datasets, img2dataset, Arrow and Spark write it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.sources import Source, open_source
from tests.unit.sources.inputs import write

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
    found = captions(
        opened(PROGRAMS / "duckdb_nested.parquet", caption_column="caps", same_caption="keep")
    )

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


def test_parquet_text_that_is_no_utf8_costs_only_its_row(tmp_path, make) -> None:
    offsets = pa.array([0, 1, 3, 4], pa.int32()).buffers()[1]
    broken = pa.StringArray.from_buffers(3, offsets, pa.py_buffer(b"a\xff\xfeb"))
    pq.write_table(pa.table({"caption": broken}), tmp_path / "t.parquet")

    results = make.everything(opened(tmp_path / "t.parquet"))

    assert [make.outcome(r) for r in results] == ["ok", "source.undecodable_text", "ok"]


def test_a_null_parquet_caption_is_a_reject(tmp_path, make) -> None:
    path = write(tmp_path / "t.parquet", [{"caption": "a"}, {"caption": None}])

    assert [make.outcome(r) for r in make.everything(opened(path))] == ["ok", "source.no_caption"]


FORMATS = ("parquet", "csv", "tsv", "jsonl", "csv.gz", "jsonl.gz")


def mixed_rows(count: int) -> list[dict[str, object]]:
    return [
        {
            "n": i,
            "caption": "" if i % 7 == 3 else "caption 0" if i % 11 == 10 else f'say "{i}",\nso',
            "link": "u0" if i % 11 == 10 else f"u{i}",
        }
        for i in range(count)
    ]


@pytest.mark.parametrize("struct", [False, True])
def test_parquet_images_as_bytes(tmp_path, make, struct: bool) -> None:
    cells = [make.picture(), None, b"GIF89a", b"", make.picture("webp"), make.picture()]
    rows = [
        {"caption": f"row {i % 5}", "image": {"path": "x", "bytes": cell} if struct else cell}
        for i, cell in enumerate(cells)
    ]
    if struct:
        rows[1]["image"] = None
    source = opened(write(tmp_path / "t.parquet", rows), image_column="image", shard_size=2)

    results = make.everything(source)

    assert [make.outcome(r) for r in results] == [
        "ok", "ok", "source.undecodable_image", "source.missing_image" if struct else "ok", "ok",
        "source.duplicate",
    ]  # fmt: skip
    assert results[1].image is None
    assert [results[i].image.data for i in (0, 4)] == [cells[0], cells[4]]
    assert results[4].image.extension == "webp"


def test_addresses_name_parquet_rows_with_or_without_the_images(tmp_path, make) -> None:
    rows = [
        {"caption": "same", "url": f"u{i}", "image": make.picture(shade=40 * i)} for i in range(3)
    ]
    rows.append({"caption": "same", "url": "u1", "image": make.picture("png")})
    settings = {"image_column": "image", "url_column": "url"}
    whole = opened(write(tmp_path / "a.parquet", rows), **settings)
    holed = opened(write(tmp_path / "b.parquet", [*rows, {**rows[0], "url": None}]), **settings)

    first, second = make.everything(whole), make.everything(holed)

    assert [make.outcome(r) for r in first] == ["ok"] * 3 + ["source.duplicate"]
    assert [r.anchor_id for r in second[:4]] == [r.anchor_id for r in first]
    assert make.outcome(second[4]) == "source.duplicate"  # the picture and caption of the first
