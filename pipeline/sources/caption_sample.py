"""A sample of a source's captions, drawn by hash in the pass that lays out the shards."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.core.records import SourceCaption
from pipeline.sources.mending import mend
from pipeline.sources.natural_text import natural_text
from pipeline.sources.rows import Row


class CaptionSample:
    """Keeps the captions with the smallest anchor ids, each id once.

    Ids are hashes of the content, so that is a uniform sample which depends on the source alone,
    in memory that does not grow with it. Of rows with the same id the first is kept.
    """

    def __init__(self, size: int) -> None:
        """Keep at most `size` captions."""
        self._size = size
        self._largest: list[tuple[int, str]] = []
        self._kept: dict[str, SourceCaption] = {}

    def add(self, anchor_id: str, row: Row, number: int) -> None:
        """Take the next row, which is number `number` of the input."""
        if anchor_id in self._kept:
            return
        rank = -int(anchor_id, 16)
        if len(self._kept) >= self._size:
            if rank <= self._largest[0][0]:
                return
            _, dropped = heapq.heappop(self._largest)
            del self._kept[dropped]
        heapq.heappush(self._largest, (rank, anchor_id))
        caption = natural_text(mend(row.caption))
        self._kept[anchor_id] = SourceCaption(anchor_id, caption, number, row.url or None)

    def leave_out(self, rows: Sequence[NDArray[np.int64]]) -> None:
        """Drop the captions of rows of these numbers."""
        names = list(self._kept)
        numbers = np.array([self._kept[name].row for name in names], np.int64)
        for gone in rows:
            for index in np.flatnonzero(np.isin(numbers, gone)):
                self._kept.pop(names[index], None)

    def captions(self) -> list[SourceCaption]:
        """What was kept, sorted by id."""
        return [self._kept[anchor_id] for anchor_id in sorted(self._kept)]
