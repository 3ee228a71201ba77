"""The sample is the same in whatever order the rows come, and each id is in it once."""

from __future__ import annotations

import random

import numpy as np

from pipeline.core.ids import content_id
from pipeline.sources.caption_sample import CaptionSample
from pipeline.sources.rows import Row

ROWS = [(content_id(str(n)), Row((0, n), f"f:{n}", f"caption {n} .", f"u{n}")) for n in range(200)]


def sample_of(rows: list[tuple[str, Row]], size: int) -> CaptionSample:
    sample = CaptionSample(size)
    for name, row in rows:
        sample.add(name, row, row.position[1])
    return sample


def test_the_smallest_ids_are_kept_whatever_the_order() -> None:
    expected = sorted(name for name, _ in ROWS)[:20]
    shuffled = random.Random(1).sample(ROWS, len(ROWS))
    found = sample_of(shuffled, 20).captions()
    assert [one.anchor_id for one in found] == expected
    assert found == sample_of(ROWS, 20).captions()


def test_a_small_source_is_kept_whole_and_a_repeated_row_once() -> None:
    found = sample_of([*ROWS[:5], *ROWS[:5]], 20).captions()
    assert len(found) == 5
    one = next(one for one in found if one.row == 3)
    assert (one.caption, one.url) == ("caption 3.", "u3")


def test_rows_that_are_left_out_are_no_part_of_the_sample() -> None:
    sample = sample_of(ROWS[:9], 20)
    sample.leave_out([np.array([1, 3]), np.array([3, 500])])
    assert sorted(one.row or 0 for one in sample.captions()) == [0, 2, 4, 5, 6, 7, 8]
