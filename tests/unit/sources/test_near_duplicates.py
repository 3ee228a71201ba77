"""Near-duplicates are those of a comparison of all pairs, and chains of them do not grow."""

from __future__ import annotations

import random

import numpy as np
import pytest

from pipeline.sources import near_duplicates
from pipeline.sources.near_duplicates import (
    BANDS,
    LEAST_WORDS,
    RECALL,
    NearFinder,
    first_of_each,
    rows_of_band,
)

VOCABULARY = [f"word{i}" for i in range(400)]


def captions_with_copies(count: int) -> list[list[str]]:
    """Captions of 3 to 16 words; half of them an earlier one in another order, most of those
    with another word.
    """
    state = random.Random(3)
    made: list[list[str]] = []
    for _ in range(count):
        if made and state.random() < 0.5:
            words = list(state.choice(made))
            state.shuffle(words)
            if state.random() < 0.8:
                words[0] = state.choice(VOCABULARY)
        else:
            words = state.sample(VOCABULARY, state.randrange(3, 17))
        made.append(words)
    return made


def pairs_of(captions: list[list[str]], least: float) -> set[tuple[int, int]]:
    with NearFinder(least) as finder:
        for words in captions:
            finder.add(words)
        pairs = finder.pairs(np.zeros(len(captions), bool)).tolist()
    return {(pair >> 32, pair & 0xFFFFFFFF) for pair in pairs}


def dropped(pairs: set[tuple[int, int]], is_out: np.ndarray, fixed: int = 0) -> dict[int, int]:
    packed = np.array([row << 32 | earlier for row, earlier in sorted(pairs)], np.uint64)
    rows, firsts = first_of_each(packed, is_out, fixed)
    return dict(zip(rows.tolist(), firsts.tolist(), strict=True))


def all_pairs(captions: list[list[str]], least: float) -> set[tuple[int, int]]:
    known = [set(words) for words in captions]
    return {
        (row, earlier)
        for row, one in enumerate(known)
        for earlier, other in enumerate(known[:row])
        if min(len(one), len(other)) >= LEAST_WORDS and len(one & other) >= least * len(one | other)
    }


@pytest.mark.parametrize("least", [0.6, 0.8, 1.0])
@pytest.mark.parametrize("chunk", [7, 1 << 16], ids=["many chunks", "one chunk"])
def test_pairs_are_those_of_a_comparison_of_all(
    monkeypatch: pytest.MonkeyPatch, least: float, chunk: int
) -> None:
    for name in ("_CHUNK_ROWS", "_CHUNK_PAIRS", "_CLASS_ROWS", "_BUFFER_WORDS"):
        monkeypatch.setattr(near_duplicates, name, chunk)
    captions = captions_with_copies(400)
    expected, found = all_pairs(captions, least), pairs_of(captions, least)
    assert len(expected) > 10
    assert found <= expected
    # A row is compared with the first and the last of its band, so a few pairs may be missed.
    rows = [dropped(pairs, np.zeros(400, bool)).keys() for pairs in (expected, found)]
    assert len(rows[0]) > 10
    assert len(rows[0] ^ rows[1]) <= 0.03 * len(rows[0])


def test_many_alike_are_all_near_to_the_first() -> None:
    captions = [[*"abcdefghijklmnopqrstuvw", f"x{i}"] for i in range(500)]
    found = dropped(pairs_of(captions, 0.8), np.zeros(500, bool))
    assert found == dict.fromkeys(range(1, 500), 0)


def test_who_is_near_to_a_dropped_row_alone_stays() -> None:
    pairs = {(1, 0), (2, 1), (4, 3)}
    is_out = np.zeros(5, bool)
    assert dropped(pairs, is_out) == {1: 0, 4: 3}
    assert is_out.tolist() == [False, True, False, False, True]
    # Captions of other runs are never dropped, and rows that are gone drop nobody.
    is_out = np.array([False, False, False, True, False])
    assert dropped(pairs, is_out, fixed=2) == {2: 1}


def test_short_captions_and_none_have_no_near_ones() -> None:
    assert pairs_of([["a", "red", "car"], ["a", "red", "car"], []], 0.6) == set()
    assert pairs_of([], 0.6) == set()


@pytest.mark.parametrize("least", [0.6, 0.7, 0.8, 0.9])
def test_bands_find_what_shares_just_enough(least: float) -> None:
    assert 1 - (1 - least ** rows_of_band(least)) ** BANDS >= RECALL
    assert 1 - (1 - least ** (rows_of_band(least) + 1)) ** BANDS < RECALL
