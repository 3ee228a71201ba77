"""Every repeat is found with its first row, whatever the number of passes."""

from __future__ import annotations

import random

import pytest

from pipeline.core.ids import content_id
from pipeline.sources import repeats
from pipeline.sources.repeats import RepeatFinder


@pytest.mark.parametrize("class_rows", [8, 1 << 15], ids=["many passes", "one pass"])
def test_repeats_are_those_of_a_dictionary(
    monkeypatch: pytest.MonkeyPatch, class_rows: int
) -> None:
    monkeypatch.setattr(repeats, "CLASS_ROWS", class_rows)
    state = random.Random(1)
    ids = [content_id(str(state.randrange(300))) if state.random() < 0.9 else None
           for _ in range(1000)]  # fmt: skip
    first: dict[str, int] = {}
    expected = []
    for row, name in enumerate(ids):
        if name is not None and first.setdefault(name, row) != row:
            expected.append((row, first[name]))
    assert len(expected) > 500
    with RepeatFinder() as finder:
        for name in ids:
            finder.add(name)
        rows, firsts = finder.repeats()
    assert list(zip(rows.tolist(), firsts.tolist(), strict=True)) == expected


def test_no_rows_have_no_repeats() -> None:
    with RepeatFinder() as finder:
        rows, firsts = finder.repeats()
    assert len(rows) == len(firsts) == 0
