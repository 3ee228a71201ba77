"""Rows by split, read by pyarrow and by `datasets` with the types that were asked for."""

from __future__ import annotations

from pathlib import Path

import datasets
import pyarrow.parquet as pq
import pytest

from pipeline.export.parquet import IMAGE, ROWS_AT_ONCE, ParquetRows, card, picture_cell

COLUMNS = {"name": "string", "is_even": "bool", "pictures": [IMAGE], "of": {"kind": "string"}}


def row(number: int) -> dict[str, object]:
    cells = [picture_cell(b"bytes", f"{number}.jpg")]
    return {"name": str(number), "is_even": number % 2 == 0, "pictures": cells, "of": {"kind": "a"}}


def test_rows_lie_by_split_and_in_order(tmp_path: Path) -> None:
    number = 2 * ROWS_AT_ONCE + 3
    with ParquetRows(tmp_path, COLUMNS) as rows:
        for place in range(number):
            rows.add("test" if place == 5 else "train", row(place))
        assert rows.splits == ("train", "test")
    table = pq.ParquetFile(tmp_path / "data" / "train.parquet")
    assert table.num_row_groups == 3
    names = table.read().column("name").to_pylist()
    assert names == [str(place) for place in range(number) if place != 5]
    assert pq.read_table(tmp_path / "data" / "test.parquet").num_rows == 1


def test_datasets_knows_the_types(tmp_path: Path) -> None:
    with ParquetRows(tmp_path, COLUMNS) as rows:
        rows.add("train", row(1))
    schema = pq.read_schema(tmp_path / "data" / "train.parquet")
    assert datasets.Features.from_arrow_schema(schema) == {
        "name": datasets.Value("string"),
        "is_even": datasets.Value("bool"),
        "pictures": datasets.List(datasets.Image()),
        "of": {"kind": datasets.Value("string")},
    }


def test_an_error_is_not_hidden_by_closing(tmp_path: Path) -> None:
    def fail() -> None:
        with ParquetRows(tmp_path, COLUMNS) as rows:
            rows.add("train", row(1))
            raise RuntimeError("first")

    with pytest.raises(RuntimeError, match="first"):
        fail()


def test_the_card_names_the_files() -> None:
    text = card("Title", ("train", "test"), "What it is.")
    assert text.startswith(
        "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: test\n"
    )
    assert "    path: data/train.parquet\n---\n\n# Title\n\nWhat it is.\n" in text
