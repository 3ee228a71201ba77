"""A row is never merged with the next, and a record that was quoted properly is never cut."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources.delimited import Cells, find_dialect
from pipeline.sources.delimited_records import first_lines, records

WORDS = st.sampled_from(
    ["a", "red", "dog", "on", "the", "rug", "wow", "three", "boats", '"', '"so', 'cute"', "said"]
)
CAPTIONS = st.lists(WORDS, min_size=2, max_size=6).map(" ".join)


def read(text: str, delimiter: str, count: int, *, caption: int) -> list[Cells | object]:
    data = text.encode()
    lines = first_lines(io.BytesIO(data), 0)
    dialect = find_dialect(lines, delimiter, count, caption=caption)
    return [cells for _, cells in records(io.BytesIO(data), 0, dialect)]


@settings(max_examples=300, deadline=None)
@given(st.lists(CAPTIONS, min_size=1, max_size=30), st.sampled_from("\t,"), st.booleans())
def test_odd_quotes_merge_no_rows(captions: list[str], delimiter: str, third: bool) -> None:
    rows = [[f"u{i}", text, *([str(i)] if third else [])] for i, text in enumerate(captions)]
    text = "".join(delimiter.join(row) + "\n" for row in rows)

    found = read(text, delimiter, 2 + third, caption=1)

    assert len(found) == len(rows)
    for row, cells in zip(rows, found, strict=True):
        assert isinstance(cells, list)
        assert cells[0] == row[0]
        assert cells[1].replace('"', "") == row[1].replace('"', "")


PROPER = st.tuples(CAPTIONS, st.sampled_from([" ", "\n", ", ", "; "])).map(
    lambda both: both[0].replace(" ", both[1], 2)
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PROPER, min_size=1, max_size=20),
    st.sampled_from("\t,;"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_a_program_quoted_comes_back_whole(
    captions: list[str], delimiter: str, quoting: int
) -> None:
    rows = [[str(i), text, f"http://e.x/{i}.jpg"] for i, text in enumerate(captions)]
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(rows)

    assert read(file.getvalue(), delimiter, 3, caption=1) == rows


@pytest.mark.parametrize("place", [0, 1, 700, 1999])
@pytest.mark.parametrize("closing", [None, 1, 40, 1500])
def test_one_quote_costs_no_other_row(place: int, closing: int | None) -> None:
    rows = [[f"http://e.x/{i}.jpg", f"a dog on rug {i}"] for i in range(2001)]
    rows[place][1] = f'"{rows[place][1]}'
    if closing is not None and place + closing < len(rows):
        rows[place + closing][1] += '"'
    text = "".join("\t".join(row) + "\n" for row in rows)

    assert read(text, "\t", 2, caption=1) == rows


def test_a_long_line_and_the_mark_of_the_end() -> None:
    text = "1\ta\\tdog\n" + "2\t" + "x" * 200_000 + "\n3\tb\n\\.\n"

    first, second, third = read(text, "\t", 2, caption=1)

    assert (first, third) == (["1", "a\tdog"], ["3", "b"])
    assert second.reason == "source.too_long"  # type: ignore[attr-defined]
