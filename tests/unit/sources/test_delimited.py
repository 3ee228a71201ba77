"""Dialects are told apart by what is in the file."""

from __future__ import annotations

import pytest

from pipeline.sources.delimited import Dialect, find_dialect, split


@pytest.mark.parametrize(
    ("line", "dialect", "cells", "state"),
    [
        ('a,"b, ""c""",d', Dialect(","), ["a", 'b, "c"', "d"], "clean"),
        ('a, "b, c"', Dialect(","), ["a", "b, c"], "clean"),
        ('a,b "c" d', Dialect(","), ["a", 'b "c" d'], "bad"),
        ('a,"b" c', Dialect(","), ["a", '"b" c'], "bad"),
        ('a,"b', Dialect(","), ["a", '"b'], "open"),
        (r'"b \"c\", d",e', Dialect(",", quotes="escaped"), ['b "c", d', "e"], "clean"),
        (r"b \"c\"\, d,e", Dialect(",", quotes="escaped"), ['b "c", d', "e"], "clean"),
        (r"a\tb" + "\t" + r"\N", Dialect("\t", quotes="none", escapes=True), ["a\tb", None],
         "clean"),
        ('"a\t"b', Dialect("\t", quotes="none"), ['"a', '"b'], "clean"),
        ("a,,", Dialect(","), ["a", "", ""], "clean"),
    ],
)  # fmt: skip
def test_a_line_is_taken_apart(
    line: str, dialect: Dialect, cells: list[str | None], state: str
) -> None:
    assert split(line, dialect) == (cells, state)


def test_a_bare_quote_shows_that_nobody_quoted() -> None:
    lines = ["u1\ta dog", 'u2\t"wow , a dog', 'u3\t" so cute " said a man']

    assert find_dialect(lines, "\t", 2, caption=1).quotes == "none"


def test_a_quoted_cell_over_several_lines_is_no_odd_quote() -> None:
    lines = ['"two', 'lines",1', "a dog,2"]

    dialect = find_dialect(lines, ",", 2, caption=0)

    assert (dialect.quotes, dialect.several_lines, dialect.quoting) == ("doubled", True, True)


@pytest.mark.parametrize(
    ("lines", "escapes"),
    [
        (["1\ta\\tb", "2\tc"], True),
        (["1\t\\N", "2\tc"], True),
        (["1\tC:\\Users\\a", "2\tc"], False),
        (["1\ta dog", "2\tc"], False),
    ],
)
def test_backslashes_escape_only_where_they_all_can(lines: list[str], escapes: bool) -> None:
    assert find_dialect(lines, "\t", 2, caption=1).escapes is escapes
