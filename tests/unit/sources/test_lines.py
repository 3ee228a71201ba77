"""Lines of any length, whole or cut, with the place where each begins."""

from __future__ import annotations

import io

import pytest

from pipeline.sources.lines import bounded_lines, skip_line


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [b"", b"\n"])
def test_lines_come_without_their_ends_and_with_their_offsets(end: bytes, last: bytes) -> None:
    data = b"one" + end + end + b"three" + last
    found = list(bounded_lines(io.BytesIO(data), 0, 100))
    assert [(line, cut) for _, line, cut in found] == [(b"one", False), (b"", False),
                                                       (b"three", False)]  # fmt: skip
    for offset, line, _ in found:
        assert data[offset : offset + len(line)] == line


def test_reading_can_begin_at_any_line() -> None:
    data = b"one\ntwo\r\nthree"
    lines = list(bounded_lines(io.BytesIO(data), 0, 100))
    for number, (offset, _, _) in enumerate(lines):
        assert list(bounded_lines(io.BytesIO(data), offset, 100)) == lines[number:]


@pytest.mark.parametrize("length", [10, 11, 12, 13, 200_000])
def test_a_long_line_is_cut_and_the_next_one_is_whole(length: int) -> None:
    data = b"x" * length + b"\nnext"
    first, second = bounded_lines(io.BytesIO(data), 0, 10)
    assert first[1].startswith(b"x" * 10)
    assert len(first[1]) <= 12
    assert first[2] == (length > 10)
    assert second == (length + 1, b"next", False)


def test_the_rest_of_a_line_is_skipped_and_counted() -> None:
    stream = io.BytesIO(b"rest" * 50_000 + b"\nnext")
    assert skip_line(stream) == 200_001
    assert stream.read() == b"next"
    assert skip_line(stream) == 0
