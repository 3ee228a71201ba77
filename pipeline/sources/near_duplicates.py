"""Find rows whose words are nearly those of an earlier row: MinHash, then the exact share.

Words are hashed once, in the pass over the input, into a temporary file (4 bytes each, and 8 for
the row). Rows that agree in a band of MinHash values (Broder 1997; banding after Leskovec,
Rajaraman and Ullman, Mining of Massive Datasets, section 3.4) are compared word by word, so chance
decides only which pairs are looked at, and those hashes follow no seed of the run.

A library's index of signatures takes more than a kilobyte of memory a row; here a band is
sorted a class of rows at a time (:class:`pipeline.sources.repeats.RepeatFinder`).
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import PermanentError
from pipeline.sources.repeats import RepeatFinder

LEAST_WORDS: Final = 5
"""Different words that a caption needs to be compared: shorter ones are too like one another."""

BANDS: Final = 16
RECALL: Final = 0.99
"""Chance that two rows that share exactly as much as is asked for meet in some band."""

COMPARED: Final = 4
"""Rows of its band that a row is compared with: as many of the first ones, and of those right
before it. It bounds the work where very many rows are alike."""

_CLASS_ROWS: Final = 1 << 17
_CHUNK_ROWS: Final = 1 << 16
_CHUNK_PAIRS: Final = 1 << 15
_BUFFER_WORDS: Final = 1 << 16

Pairs = NDArray[np.uint64]
"""(n,): a row, shifted by 32 bits, and an earlier one."""

_SHIFT: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFFFFFF)


class NearFinder:
    """Keeps the words of each row in temporary files, and finds near-duplicates at the end."""

    def __init__(self, least: float) -> None:
        """Look for rows of which at least this share of all their words is in both (Jaccard)."""
        self._least = least
        # Closed by __exit__; context managers of their own would leave nothing to add to.
        self._words_file = tempfile.TemporaryFile(prefix="counterfactory-words-")  # noqa: SIM115
        self._ends_file = tempfile.TemporaryFile(prefix="counterfactory-ends-")  # noqa: SIM115
        self._words = array("I")
        self._ends = array("Q")
        self._total = 0

    def __enter__(self) -> NearFinder:
        """Use as a context manager; the temporary files go at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete the temporary files."""
        self._words_file.close()
        self._ends_file.close()

    def add(self, words: Iterable[str]) -> None:
        """Take the next row's words; none for a row that is not to be compared."""
        hashes = sorted({crc32(word.encode("utf-8", "surrogatepass")) for word in words})
        if len(hashes) >= LEAST_WORDS:
            self._words.extend(hashes)
            self._total += len(hashes)
        self._ends.append(self._total)
        if len(self._words) >= _BUFFER_WORDS or len(self._ends) >= _BUFFER_WORDS:
            self._flush()

    def pairs(self, is_out: NDArray[np.bool_]) -> Pairs:
        """Pairs of a row and an earlier one that share enough, ascending, each once.

        Args:
            is_out: Rows that are dropped already, and so in no pair: (rows,).
        """
        self._flush()
        if not self._total:
            return np.empty(0, np.uint64)
        words = np.memmap(self._words_file, np.uint32, mode="r")
        ends = np.memmap(self._ends_file, np.uint64, mode="r")
        found = np.empty(0, np.uint64)
        for band in range(BANDS):
            with RepeatFinder(_CLASS_ROWS) as finder:
                for start in range(0, len(ends), _CHUNK_ROWS):
                    keys = self._band(words, ends, start, band)
                    keys[is_out[start : start + _CHUNK_ROWS]] = 0
                    finder.add_hashes(keys)
                for rows, begins in finder.groups():
                    fresh = np.setdiff1d(_candidates(rows, begins), found, assume_unique=True)
                    found = np.union1d(found, self._alike(words, ends, fresh))
        return found

    def _flush(self) -> None:
        try:
            self._words.tofile(self._words_file)
            self._ends.tofile(self._ends_file)
            self._words_file.flush()
            self._ends_file.flush()
        except OSError as error:
            raise PermanentError(
                f"the words of the input do not fit into the folder for temporary files ({error}); "
                "free space there, or point TMPDIR at a larger disk"
            ) from error
        self._words, self._ends = array("I"), array("Q")

    def _band(
        self, words: NDArray[np.uint32], ends: NDArray[np.uint64], start: int, band: int
    ) -> NDArray[np.uint64]:
        """One number for the MinHash values of a band of these rows: 0 for one without words."""
        last = ends[start : start + _CHUNK_ROWS].astype(np.int64)
        first = np.concatenate([[int(ends[start - 1]) if start else 0], last[:-1]])
        keys = np.zeros(len(last), np.uint64)
        compared = np.flatnonzero(last > first)
        if not len(compared):
            return keys
        inside = words[first[0] : last[-1]].astype(np.uint64)
        # Rows without words take no place, so each begins where the one before it ends.
        begins = first[compared] - first[0]
        key = np.zeros(len(compared), np.uint64)
        for number in range(rows_of_band(self._least)):
            salt = np.uint64(1 + band * 64 + number)
            smallest = np.minimum.reduceat(_mixed(inside ^ _mixed(salt)), begins)
            key = _mixed(key ^ smallest)
        keys[compared] = key | np.uint64(1)
        return keys

    def _alike(
        self, words: NDArray[np.uint32], ends: NDArray[np.uint64], candidates: Pairs
    ) -> Pairs:
        """The candidates that share enough of their words."""
        kept = [np.empty(0, np.uint64)]
        for start in range(0, len(candidates), _CHUNK_PAIRS):
            part = candidates[start : start + _CHUNK_PAIRS]
            pairs = np.stack([part >> _SHIFT, part & _LOW], axis=1).astype(np.int64)
            last = ends[pairs].astype(np.int64)
            first = np.where(pairs > 0, ends[np.maximum(pairs - 1, 0)], np.uint64(0))
            sizes = last - first.astype(np.int64)
            # All words of all pairs, each beside the number of its pair: one that comes twice
            # is in both.
            lengths = sizes.ravel()
            offsets = np.repeat(first.astype(np.int64).ravel() - _before(lengths), lengths)
            numbers = np.repeat(np.arange(len(pairs)), sizes.sum(axis=1)).astype(np.uint64)
            found = words[offsets + np.arange(len(offsets))]
            ordered = np.sort((numbers << _SHIFT) | found)
            twice = ordered[1:][ordered[1:] == ordered[:-1]] >> _SHIFT
            both = np.bincount(twice.astype(np.int64), minlength=len(pairs))
            kept.append(part[both >= self._least * (sizes.sum(axis=1) - both)])
        return np.concatenate(kept)


def rows_of_band(least: float) -> int:
    """MinHash values of a band: as many as leave the recall, since more of them compare less."""
    values = 1
    while 1 - (1 - least ** (values + 1)) ** BANDS >= RECALL and values < 64:
        values += 1
    return values


def first_of_each(
    pairs: Pairs, is_out: NDArray[np.bool_], fixed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that are near to one that stays, ascending, and for each the first such: both (n,).

    Args:
        pairs: Ascending.
        is_out: Rows that are dropped already, (rows,); those found here are added.
        fixed: So many first rows always stay.
    """
    rows, firsts = array("q"), array("q")
    for start in range(0, len(pairs), _CHUNK_PAIRS):
        part = pairs[start : start + _CHUNK_PAIRS]
        for row, earlier in zip((part >> _SHIFT).tolist(), (part & _LOW).tolist(), strict=True):
            if row >= fixed and not is_out[row] and not is_out[earlier]:
                is_out[row] = True
                rows.append(row)
                firsts.append(earlier)
    return np.array(rows, np.int64), np.array(firsts, np.int64)


def _candidates(rows: NDArray[np.int64], begins: NDArray[np.bool_]) -> Pairs:
    """Which rows of each group are compared, ascending, each pair once."""
    if not len(rows):
        return np.empty(0, np.uint64)
    places = np.arange(len(rows))
    starts = np.flatnonzero(begins)[np.cumsum(begins) - 1]
    numbers = rows.astype(np.uint64)
    chosen = []
    for step in range(COMPARED):
        for other in (places - 1 - step, starts + step):
            sound = (other >= starts) & (other < places)
            chosen.append((numbers[sound] << _SHIFT) | numbers[other[sound]])
    return np.unique(np.concatenate(chosen))


def _before(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """What comes before each of these in all: (n,)."""
    return np.cumsum(lengths) - lengths


def _mixed(values: NDArray[np.uint64] | np.uint64) -> NDArray[np.uint64]:
    """Hash of each number (the finaliser of splitmix64, Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        mixed = np.asarray(values, np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))
