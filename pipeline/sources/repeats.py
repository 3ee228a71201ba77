"""Find rows whose id an earlier row has, in memory that does not grow with the rows."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import PermanentError

CLASS_ROWS = 1 << 15
"""Rows that one pass over the file sorts in memory, about 2 MB."""

MOST_CLASSES = 128
"""Passes over the file; beyond four million rows the classes grow instead (8 MB at 20 million)."""

_NO_ID = 0
_BUFFER_ROWS = 4096


class RepeatFinder:
    """Keeps 8 bytes of each id in a temporary file and looks for repeats at the end.

    The first 64 of an id's 80 bits decide: at ten million rows the chance that any two
    different ids are taken for one is about 3e-6.

    The file is scanned once for every class of about :data:`CLASS_ROWS` hashes, so the
    peak is that of one class.
    """

    def __init__(self, class_rows: int | None = None) -> None:
        """Sort about `class_rows` rows in memory at a time; :data:`CLASS_ROWS` if None."""
        self._class_rows = class_rows or CLASS_ROWS
        self._buffer = array("Q")
        self._rows = 0
        # Closed by __exit__; a context manager of its own would leave nothing to add to.
        self._file = tempfile.TemporaryFile(prefix="counterfactory-ids-")  # noqa: SIM115

    def __enter__(self) -> RepeatFinder:
        """Use as a context manager; the temporary file goes at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete the temporary file."""
        self._file.close()

    def add(self, anchor_id: str | None) -> None:
        """Take the next row's id; None for a row that has none."""
        self._buffer.append(int(anchor_id[:16], 16) if anchor_id else _NO_ID)
        self._rows += 1
        if len(self._buffer) >= _BUFFER_ROWS:
            self._flush()

    def add_hashes(self, hashes: NDArray[np.uint64]) -> None:
        """Take the next rows by what stands for their ids: (n,), 0 for a row that has none."""
        self._buffer.frombytes(hashes.tobytes())
        self._rows += len(hashes)
        self._flush()

    def repeats(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows that repeat, ascending, and for each the first row with its id: both (n,)."""
        found = [(np.empty(0, np.int64), np.empty(0, np.int64))]
        for rows, begins in self.groups():
            # Each run of one hash begins with its first row.
            firsts = rows[np.flatnonzero(begins)[np.cumsum(begins) - 1]]
            found.append((rows[~begins], firsts[~begins]))
        repeated = np.concatenate([rows for rows, _ in found])
        first = np.concatenate([firsts for _, firsts in found])
        order = np.argsort(repeated)
        return repeated[order], first[order]

    def groups(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
        """All rows with an id, class by class; those with one id stand together, ascending.

        Yields:
            Rows, and whether each is the first with its id: both (n,).
        """
        self._flush()
        classes = min(MOST_CLASSES, 1 + self._rows // self._class_rows)
        for number in range(classes):
            yield self._groups_of_class(np.uint64(number), np.uint64(classes))

    def _flush(self) -> None:
        try:
            self._buffer.tofile(self._file)
            self._file.flush()
        except OSError as error:
            raise PermanentError(
                f"the ids of {self._rows} rows do not fit into the folder for temporary files "
                f"({error}); free space there, or point TMPDIR at a larger disk"
            ) from error
        self._buffer = array("Q")

    def _groups_of_class(
        self, number: np.uint64, classes: np.uint64
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        hashes = [np.empty(0, np.uint64)]
        places = [np.empty(0, np.int64)]
        self._file.seek(0)
        position = 0
        while block := self._file.read(8 * CLASS_ROWS):
            chunk = np.frombuffer(block, dtype=np.uint64)
            chosen = np.flatnonzero((chunk % classes == number) & (chunk != _NO_ID))
            hashes.append(chunk[chosen])
            places.append(chosen + position)
            position += len(chunk)
        values, rows = np.concatenate(hashes), np.concatenate(places)
        # A stable sort keeps the rows of one hash in order.
        order = np.argsort(values, kind="stable")
        values, rows = values[order], rows[order]
        begins = np.ones(len(values), dtype=bool)
        begins[1:] = values[1:] != values[:-1]
        return rows, begins
