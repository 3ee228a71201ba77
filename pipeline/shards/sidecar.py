"""The parquet sidecar of a shard: a row for every item made or rejected.

:mod:`pipeline.shards.sidecar_rows` says what the rows are; here they become a file and back.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.errors import StageContractError
from pipeline.core.records import SCHEMA_VERSION
from pipeline.core.scores import SCORES
from pipeline.shards.columns import SCORE_PREFIX
from pipeline.shards.integrity import REMAKE, CorruptFileError, FileFault, refuse_newer_schema
from pipeline.shards.sidecar_rows import SidecarRow

if TYPE_CHECKING:
    import pyarrow as pa

_FLUSH_ROWS = 8192
_VERSION_KEY = b"counterfactory.schema_version"
_SEEDS_AS_TEXT = 4

_COLUMNS = tuple(column.name for column in fields(SidecarRow) if column.name != "scores")
_INT64 = {"tokens_in", "tokens_out"}
_INT32 = {"candidate", "width_px", "height_px"}
_BOOLEAN = {"image_is_negative"}
_REQUIRED = {"item", "anchor_id", "status"}
_NEW_IN_4 = {"shard", "split", "file", "image_is_negative"}
"""Columns that a sidecar of version 3 lacks; its seeds are numbers."""


@cache
def _schema(scores: tuple[str, ...], version: int = SCHEMA_VERSION) -> pa.Schema:
    """The columns of a run that measures these scores."""
    import pyarrow as pa

    def column(name: str) -> pa.Field:
        if name in _INT64 or (name == "seed" and version < _SEEDS_AS_TEXT):
            return pa.field(name, pa.int64())
        if name in _BOOLEAN:
            return pa.field(name, pa.bool_())
        if name in _INT32:
            return pa.field(name, pa.int32())
        return pa.field(name, pa.string(), nullable=name not in _REQUIRED)

    metadata = {_VERSION_KEY: str(version).encode()}
    measured = [pa.field(f"{SCORE_PREFIX}{name}", pa.float64()) for name in scores]
    names = [n for n in _COLUMNS if version >= _SEEDS_AS_TEXT or n not in _NEW_IN_4]
    return pa.schema([*map(column, names), *measured], metadata=metadata)


class SidecarWriter:
    """Makes a parquet file of rows; the same rows give the same bytes.

    The file grows in memory, compressed, at some hundred bytes a row: a writer on the
    disk's file would, after an exception, write its footer to a closed file.
    """

    __slots__ = ("_buffer", "_rows", "_scores", "_writer")

    def __init__(self, scores: Sequence[str] = ()) -> None:
        """Begin the file.

        Args:
            scores: What the run measures: a column each, also where no row has it.

        Raises:
            StageContractError: There is no such score.
        """
        import pyarrow.parquet as pq

        if unknown := sorted(set(scores) - set(SCORES)):
            raise StageContractError(f"a sidecar has no column for the score {unknown[0]!r}")
        self._scores = tuple(name for name in SCORES if name in set(scores))
        self._rows: list[SidecarRow] = []
        self._buffer = io.BytesIO()
        # All stated: the bytes must not follow pyarrow's changing defaults.
        self._writer = pq.ParquetWriter(
            self._buffer,
            _schema(self._scores),
            version="2.6",
            compression="zstd",
            compression_level=3,
            use_dictionary=True,
            write_statistics=True,
            data_page_version="1.0",
        )

    def add(self, row: SidecarRow) -> None:
        """Append one row.

        Raises:
            StageContractError: It has a score that the file has no column for.
        """
        if unknown := sorted(set(row.scores) - set(self._scores)):
            raise StageContractError(
                f"picture {row.variant} of anchor {row.anchor_id} has the score {unknown[0]!r}, "
                "which the run does not say that it measures"
            )
        self._rows.append(row)
        if len(self._rows) >= _FLUSH_ROWS:
            self._flush()

    def finish(self) -> bytes:
        """The complete file; nothing may be added after it."""
        self._flush()
        self._writer.close()
        return self._buffer.getvalue()

    def _flush(self) -> None:
        import pyarrow as pa

        if not self._rows:
            return
        schema = _schema(self._scores)
        values = attrgetter(*_COLUMNS)
        columns = zip(
            *((*values(row), *map(row.scores.get, self._scores)) for row in self._rows),
            strict=True,
        )
        arrays = [
            pa.array(column, type=described.type)
            for column, described in zip(columns, schema, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        self._rows.clear()


def read_sidecar(path: Path) -> Iterator[SidecarRow]:
    """Yield the rows in order, in bounded memory; any of the known scores may have a column.

    Raises:
        ShardCorruptError: Missing, damaged or with other columns.
        ConfigError: A newer version wrote it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as stored, pq.ParquetFile(stored) as file:
            metadata = file.schema_arrow.metadata or {}
            version = metadata.get(_VERSION_KEY, b"")
            if version.isdigit():
                refuse_newer_schema(path, int(version))
            scores = tuple(
                name for name in SCORES if f"{SCORE_PREFIX}{name}" in file.schema_arrow.names
            )
            if not version.isdigit() or not file.schema_arrow.equals(_schema(scores, int(version))):
                raise CorruptFileError(FileFault(path, "its columns are not a sidecar's", REMAKE))
            for batch in file.iter_batches(batch_size=_FLUSH_ROWS):
                for values in batch.to_pylist():
                    found = {name: values.pop(f"{SCORE_PREFIX}{name}") for name in scores}
                    measured = {name: n for name, n in found.items() if n is not None}
                    if isinstance(values["seed"], int):
                        values["seed"] = str(values["seed"])
                    yield SidecarRow(**values, scores=measured)
    except (pa.ArrowException, OSError) as error:
        raise CorruptFileError(FileFault(path, f"it cannot be read: {error}", REMAKE)) from error
