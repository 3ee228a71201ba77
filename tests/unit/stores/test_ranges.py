"""A remote file that is fetched in blocks reads as a local one."""

from __future__ import annotations

import io

import pytest

import pipeline.stores.ranges as ranges
from pipeline.stores.ranges import RangeReader

DATA = bytes(range(256)) * 40


class Store:
    """Serves ranges of the data, or always all of it."""

    def __init__(self, *, knows_ranges: bool) -> None:
        self.knows_ranges = knows_ranges
        self.asked: list[tuple[int, int]] = []

    def cat_file(self, inner: str, start: int, end: int) -> bytes:
        self.asked.append((start, end))
        return DATA[start:end] if self.knows_ranges else DATA


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_it_reads_and_seeks(monkeypatch: pytest.MonkeyPatch, knows_ranges: bool) -> None:
    monkeypatch.setattr(ranges, "BLOCK_BYTES", 1000)
    store = Store(knows_ranges=knows_ranges)
    with io.BufferedReader(RangeReader(store, "a", len(DATA), lambda fetch: fetch())) as file:
        assert file.read(10) == DATA[:10]
        file.seek(-5, io.SEEK_END)
        assert file.read() == DATA[-5:]
        file.seek(995)
        assert file.read(10) == DATA[995:1005]
        file.seek(0)
        assert file.read() == DATA
        assert file.read() == b""
    assert all(end - start <= 1000 for start, end in store.asked)


def test_a_short_answer_is_an_error() -> None:
    class Short(Store):
        def cat_file(self, inner: str, start: int, end: int) -> bytes:
            return DATA[start : end - 1]

    reader = RangeReader(Short(knows_ranges=True), "a", len(DATA), lambda fetch: fetch())
    with pytest.raises(OSError, match="were asked for"):
        reader.read(10)
