"""The records of a JSON table come in the file's order, whatever its layout."""

from __future__ import annotations

import pytest

from pipeline.core.errors import ConfigError
from pipeline.sources.files import InputFile
from pipeline.sources.json_records import records_of

FILE = InputFile("t.json", "t.json", 1, "", remote=False)
ROWS = [{"id": 0, "caption": "a dog"}, {"id": 1, "caption": "a cat"}]


@pytest.mark.parametrize(
    "value",
    [
        ROWS,
        {"id": {"0": 0, "1": 1}, "caption": {"0": "a dog", "1": "a cat"}},
        {"x": ROWS[0], "y": ROWS[1]},
        {"0": ROWS[0], "1": ROWS[1]},
        {"columns": ["id", "caption"], "index": [0, 1], "data": [[0, "a dog"], [1, "a cat"]]},
        {"schema": {"fields": []}, "data": ROWS},
        {"id": [0, 1], "caption": ["a dog", "a cat"]},
        {"info": "mine", "items": ROWS},
    ],
)
def test_a_layout_is_read(value: object) -> None:
    assert [dict(row) for row in records_of(FILE, value, None)] == ROWS


def test_lists_take_the_given_names_and_a_header_is_no_row() -> None:
    cells = [["id", "caption"], [0, "a dog"], [1, "a cat"], [2]]

    assert records_of(FILE, cells, ("id", "caption")) == [*ROWS, [2]]
    with pytest.raises(ConfigError, match=r"source\.columns"):
        records_of(FILE, cells, None)


@pytest.mark.parametrize("value", ["text", 7, {}, {"a": 1}, {"a": [1], "b": [1, 2]}, {"data": 1}])
def test_no_table_is_refused(value: object) -> None:
    with pytest.raises(ConfigError, match=r"t\.json"):
        records_of(FILE, value, None)


def test_objects_that_are_none_stay_to_be_rejected() -> None:
    assert records_of(FILE, [ROWS[0], 7, "x"], None) == [ROWS[0], 7, "x"]
