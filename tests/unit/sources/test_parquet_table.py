"""Parquet tables: images as bytes, addresses as names, text that is no UTF-8."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.sources.inputs import opened, write


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
        "ok", "source.missing_image", "source.undecodable_image", "source.missing_image", "ok",
        "source.duplicate",
    ]  # fmt: skip
    assert [results[i].image.data for i in (0, 4)] == [cells[0], cells[4]]
    assert results[4].image.extension == "webp"


def test_addresses_name_parquet_rows_with_or_without_the_images(tmp_path, make) -> None:
    rows = [{"caption": "same", "url": f"u{i}", "image": make.picture()} for i in range(3)]
    rows.append({"caption": "same", "url": "u1", "image": make.picture("png")})
    settings = {"image_column": "image", "url_column": "url"}
    whole = opened(write(tmp_path / "a.parquet", rows), **settings)
    holed = opened(write(tmp_path / "b.parquet", [*rows, {**rows[0], "url": None}]), **settings)

    first, second = make.everything(whole), make.everything(holed)

    assert [make.outcome(r) for r in first] == ["ok"] * 3 + ["source.duplicate"]
    assert [r.anchor_id for r in second[:4]] == [r.anchor_id for r in first]
    assert make.outcome(second[4]) == "ok"


def test_parquet_text_that_is_no_utf8_costs_only_its_row(tmp_path, make) -> None:
    offsets = pa.array([0, 1, 3, 4], pa.int32()).buffers()[1]
    broken = pa.StringArray.from_buffers(3, offsets, pa.py_buffer(b"a\xff\xfeb"))
    pq.write_table(pa.table({"caption": broken}), tmp_path / "t.parquet")

    results = make.everything(opened(tmp_path / "t.parquet"))

    assert [make.outcome(r) for r in results] == ["ok", "source.undecodable_text", "ok"]


def test_a_null_parquet_caption_is_a_reject(tmp_path, make) -> None:
    path = write(tmp_path / "t.parquet", [{"caption": "a"}, {"caption": None}])

    assert [make.outcome(r) for r in make.everything(opened(path))] == ["ok", "source.no_caption"]
