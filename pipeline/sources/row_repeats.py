"""Everything in which a row may repeat an earlier one, or a caption of another run.

A row is dropped for the first of these that holds: it is the same row again (the same anchor, or
the same picture and caption); its caption is one of an excluded run; an earlier row has its
caption; its words are nearly those of an earlier row that stays, or of a caption of an excluded
run. All is decided in the one pass that cuts the input into shards, by the order of the rows
alone.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from pipeline.config.source import SourceConfig
from pipeline.core.ids import content_id
from pipeline.core.stage import Fault
from pipeline.core.words import letters_and_numbers, words_of
from pipeline.sources.near_duplicates import NearFinder, first_of_each
from pipeline.sources.repeats import RepeatFinder

DUPLICATE = "source.duplicate"
EXCLUDED = "source.excluded"
SAME_CAPTION = "source.same_caption"
NEAR_DUPLICATE = "source.near_duplicate"

Captions = Iterable[str]

Repeats = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Rows, ascending, and for each what it repeats: a row of the input, or an excluded run's place."""


class RepeatSearch:
    """Is told every row once, and then says which are dropped, and why."""

    def __init__(
        self, config: SourceConfig, excluded: Sequence[Captions] = (), *, has_images: bool
    ) -> None:
        """Begin with the captions of other runs, which come before all rows."""
        self._drops_same = drops_same_captions(config, has_images=has_images)
        self._has_images = has_images
        self._rows = 0
        self._open = ExitStack()
        self._names = self._open.enter_context(RepeatFinder())
        self._likenesses = self._open.enter_context(RepeatFinder())
        compares = self._drops_same or bool(excluded)
        self._captions = self._open.enter_context(RepeatFinder()) if compares else None
        least = config.near_duplicates
        self._near = self._open.enter_context(NearFinder(least)) if least is not None else None
        sizes = [sum(1 for _ in map(self._add_caption, captions)) for captions in excluded]
        self._ends = list(accumulate(sizes))

    def __enter__(self) -> RepeatSearch:
        """Use as a context manager; its temporary files go at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete the temporary files."""
        self._open.close()

    def add(self, name: str, caption: str, likeness: str | None) -> None:
        """Take the next row.

        Args:
            name: Its anchor id; empty for a row that is refused for its text.
            caption: Its mended caption.
            likeness: Hash of what it shows and says, where that is known.
        """
        self._rows += 1
        self._names.add(name or None)
        if self._has_images:
            self._likenesses.add(likeness if name else None)
        self._add_caption(caption if name else "")

    def found(self) -> dict[str, Repeats]:
        """Reasons with the rows that are dropped for them; every row at most once."""
        found: dict[str, list[Repeats]] = {}
        for reason, repeats in self._found():
            found.setdefault(reason, []).append(repeats)
        return {reason: _merged(parts) for reason, parts in found.items()}

    def _found(self) -> Iterator[tuple[str, Repeats]]:
        others = self._ends[-1] if self._ends else 0
        is_out = np.zeros(others + self._rows, dtype=bool)

        def taken(rows: NDArray[np.int64], firsts: NDArray[np.int64]) -> Repeats:
            """Those that nothing has dropped before."""
            free = ~is_out[others + rows]
            is_out[others + rows] = True
            return rows[free], firsts[free]

        yield DUPLICATE, taken(*_merged([self._names.repeats(), self._likenesses.repeats()]))
        if self._captions is not None:
            for reason, found in self._among(*self._captions.repeats(), others):
                if reason == EXCLUDED or self._drops_same:
                    yield reason, taken(*found)
        if self._near is not None:
            near = first_of_each(self._near.pairs(is_out), is_out, others)
            for reason, found in self._among(*near, others):
                yield (NEAR_DUPLICATE if reason == SAME_CAPTION else reason), found

    def _among(
        self, rows: NDArray[np.int64], firsts: NDArray[np.int64], others: int
    ) -> Iterator[tuple[str, Repeats]]:
        """Rows of the input that repeat a caption of another run, then those that repeat a row."""
        rows, firsts = rows[rows >= others], firsts[rows >= others]
        there = firsts < others
        runs = [bisect_right(self._ends, first) for first in firsts[there].tolist()]
        yield EXCLUDED, (rows[there] - others, np.array(runs, np.int64))
        yield SAME_CAPTION, (rows[~there] - others, firsts[~there] - others)

    def _add_caption(self, caption: str) -> None:
        text = unicodedata.normalize("NFKC", caption)
        if self._captions is not None:
            key = letters_and_numbers(text)
            self._captions.add(content_id(key) if key else None)
        if self._near is not None:
            self._near.add(words_of(text))


def drops_same_captions(config: SourceConfig, *, has_images: bool) -> bool:
    """Whether rows that only repeat a caption are dropped.

    Unless the user says it: where rows bring no pictures, since the sets would be the same twice;
    a caption beside another picture is another pair.
    """
    if config.same_caption is None:
        return not has_images
    return config.same_caption == "drop"


def repeat_fault(reason: str, repeated: int, excluded: Sequence[str]) -> Fault:
    """Why a row is dropped.

    Args:
        reason: One of those above.
        repeated: The 0-based row that it repeats, or the place of the excluded run.
        excluded: The excluded runs.
    """
    if reason == EXCLUDED:
        # Without its folders, which tell of a person's machine.
        run = excluded[repeated].rstrip("/").rsplit("/", 1)[-1]
        return Fault(reason, f"the run {run} has the caption, or nearly the same one")
    what = {
        DUPLICATE: "the caption and its image repeat row {} of the input; that one is used",
        SAME_CAPTION: "the caption repeats that of row {} of the input; source.same_caption=keep "
        "keeps such rows",
        NEAR_DUPLICATE: "the words are nearly those of row {} of the input",
    }
    return Fault(reason, what[reason].format(repeated + 1))


def _merged(parts: Sequence[Repeats]) -> Repeats:
    """Rows that repeat in any of these ways, ascending, each as the first way that holds has it."""
    rows = np.concatenate([rows for rows, _ in parts])
    repeated = np.concatenate([repeated for _, repeated in parts])
    rows, places = np.unique(rows, return_index=True)
    return rows, repeated[places]
