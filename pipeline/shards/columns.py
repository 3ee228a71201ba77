"""Some columns of a sidecar, read fast: for counting over millions of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.shards.integrity import REMAKE, CorruptFileError, FileFault

SCORE_PREFIX: Final = "score_"
"""A sidecar has a column `score_<name>` for each score that its run measured."""

_BATCH_ROWS = 16_384

Value = str | int | float | None


def score_names(path: Path) -> tuple[str, ...]:
    """The scores of which a sidecar has a column.

    Raises:
        ShardCorruptError: It is missing or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error
    return tuple(n.removeprefix(SCORE_PREFIX) for n in names if n.startswith(SCORE_PREFIX))


def read_columns(path: Path, names: Sequence[str]) -> Iterator[tuple[Value, ...]]:
    """Yield the named columns of every row, in order and in bounded memory.

    Raises:
        ShardCorruptError: Missing, damaged or without one of the columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as stored, pq.ParquetFile(stored) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=list(names)):
                yield from zip(*(batch.column(n).to_pylist() for n in names), strict=True)
    except (pa.ArrowException, OSError, KeyError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> CorruptFileError:
    return CorruptFileError(FileFault(path, f"it cannot be read: {error}", REMAKE))
