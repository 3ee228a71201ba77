"""Draws that need each other share a batch."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.draws import Draw, Guide, count_rows, lay_rows, split_units, take_batch
from pipeline.core.records import Replacement
from pipeline.core.strategies import INDEPENDENT, PROMPT_TO_PROMPT, SAME_NOISE


def control(anchor: int = 0, seed: int = 1) -> Draw:
    return Draw(f"a{anchor}", "control", "a red car", seed, SAME_NOISE)


def edit(number: int, source: Draw) -> Draw:
    piece = Replacement(2, 5, "red", f"blue{number}")
    return Draw(
        source.anchor_id,
        f"min{number}",
        f"a blue{number} car",
        source.seed,
        PROMPT_TO_PROMPT,
        guide=Guide(source.prompt, source.prompt, (piece,)),
    )


def group(anchor: int, edits: int) -> list[Draw]:
    source = control(anchor, seed=100 + anchor)
    return [source, *(edit(number, source) for number in range(edits))]


def test_a_source_that_is_among_the_draws_serves_its_edits_wherever_it_stands() -> None:
    source, *edits = group(0, 2)
    rows = lay_rows([edits[0], source, edits[1]])
    assert [row.source for row in rows] == [1, 1, 1]
    assert all(row.is_shown for row in rows)


def test_a_source_that_is_not_gets_one_hidden_row_for_all_its_edits() -> None:
    source, *edits = group(0, 2)
    stranger = replace(source, seed=5)
    rows = lay_rows([*edits, stranger])
    assert [row.source for row in rows] == [3, 3, 2, 3]
    assert (rows[3].prompt, rows[3].seed, rows[3].is_shown) == ("a red car", source.seed, False)
    assert count_rows([*edits, stranger]) == 4


def test_a_batch_is_filled_with_plain_rows_that_nobody_sees() -> None:
    source, one = group(0, 1)
    rows = lay_rows([one, source], pad_to=5)
    assert [(row.source, row.is_shown) for row in rows[2:]] == [(n, False) for n in (2, 3, 4)]
    assert lay_rows([one, source], pad_to=1) == lay_rows([one, source])


@given(
    sizes=st.lists(st.integers(0, 7), min_size=1, max_size=5),
    batch_size=st.integers(1, 9),
    data=st.data(),
)
def test_units_hold_each_draw_once_and_are_as_large_as_they_may(
    sizes: list[int], batch_size: int, data: st.DataObject
) -> None:
    draws = [draw for anchor, edits in enumerate(sizes) for draw in group(anchor, edits)]
    draws += [Draw("b", f"full{n}", "a boat", 7 + n, INDEPENDENT) for n in range(2)]
    draws = data.draw(st.permutations(draws))
    units = split_units(draws, batch_size)
    assert sorted(number for unit in units for number in unit) == list(range(len(draws)))
    for unit in units:
        assert list(unit) == sorted(unit)
        assert len({draws[number].anchor_id for number in unit}) == 1
        rows = count_rows([draws[number] for number in unit])
        assert rows <= batch_size or (rows == 2 and len(unit) == 1)
    for anchor, edits in enumerate(sizes):
        parts = [unit for unit in units if draws[unit[0]].anchor_id == f"a{anchor}"]
        if edits + 1 <= batch_size:
            assert len(parts) == 1


@given(rows=st.lists(st.integers(1, 9), min_size=1, max_size=12), batch_size=st.integers(1, 9))
def test_a_batch_starts_with_the_first_and_takes_what_fits(
    rows: list[int], batch_size: int
) -> None:
    taken = take_batch(rows, batch_size)
    assert taken[0] == 0
    assert taken == sorted(set(taken))
    total = sum(rows[number] for number in taken)
    assert total <= batch_size or taken == [0]
    left = [size for number, size in enumerate(rows) if number not in taken]
    assert all(size > batch_size - total for size in left)
