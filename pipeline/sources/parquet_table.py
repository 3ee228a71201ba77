"""Parquet tables, read a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.stage import Fault
from pipeline.sources.files import InputFile
from pipeline.sources.rows import Row, utf8_fault
from pipeline.sources.table_rows import Columns, no_image, table_row

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_TEXT_BATCH_ROWS = 4096
_IMAGE_BATCH_ROWS = 64
_READ_BYTES = 1 << 20


class ParquetTable:
    """Rows of parquet files. A position is (file, row).

    Seeking is by row group: rows of the group that stand before the span are decoded and
    dropped, so files with groups of some thousand rows are the quickest. Images may be
    bytes, a path below the file's folder, or a struct with a `bytes` field.
    """

    kind = "tabular"

    def __init__(self, files: tuple[InputFile, ...], config: SourceConfig) -> None:
        self._files = files
        self._columns = Columns.of(config)
        for file in files:
            with file.opened() as stream:
                self._check(file, stream)

    def _check(self, file: InputFile, stream: BinaryIO) -> None:
        import pyarrow as pa

        schema = _open_parquet(file, stream).schema_arrow
        self._columns.check(file, schema.names)
        for column in filter(None, (self._columns.caption, self._columns.url)):
            if not _is_text(schema.field(column).type):
                raise ConfigError(
                    f"input {file.path}: column {column!r} holds {schema.field(column).type}, "
                    "not text; choose another"
                )
        if self._columns.image is None:
            return
        kind = schema.field(self._columns.image).type
        struct = pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0
        if not (struct or _is_text(kind) or _is_bytes(kind)):
            raise ConfigError(
                f"input {file.path}: column {self._columns.image!r} holds {kind}; images must "
                "be bytes, paths or a struct with `bytes`"
            )

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield every row; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        first, row = start or (0, 0)
        for number in range(first, len(self._files)):
            file = self._files[number]
            with file.opened() as stream:
                table = _open_parquet(file, stream)
                for cells in self._cells(file, table, row, pictures=pictures):
                    yield _row((number, row), f"{file.name}:{row + 1}", file, cells)
                    row += 1
            row = 0

    def _cells(
        self, file: InputFile, table: pq.ParquetFile, row: int, *, pictures: bool
    ) -> Iterator[tuple[object, object, object]]:
        """Raw caption, address and image of the rows from `row` on."""
        import pyarrow as pa

        columns = self._columns
        group, begins = _group_of(table, row)
        # Addresses name the rows by themselves where none is missing: no need for images.
        wanted_image = columns.image
        if not pictures and columns.url and _never_null(table, columns.url):
            wanted_image = None
        names = [name for name in (columns.caption, columns.url, wanted_image) if name]
        batches = table.iter_batches(
            batch_size=_IMAGE_BATCH_ROWS if wanted_image else _TEXT_BATCH_ROWS,
            row_groups=range(group, table.num_row_groups),
            columns=list(dict.fromkeys(names)),
            use_threads=False,
        )
        skip = row - begins
        try:
            for batch in batches:
                if skip >= batch.num_rows:
                    skip -= batch.num_rows
                    continue
                part = batch.slice(skip)
                skip = 0
                absent = [None] * part.num_rows
                yield from zip(
                    _values(part, columns.caption),
                    _values(part, columns.url) if columns.url else absent,
                    _images(part, wanted_image) if wanted_image else absent,
                    strict=True,
                )
        except pa.ArrowInvalid as error:
            raise PermanentError(
                f"{file.path} is a damaged parquet file ({error}); fetch it again"
            ) from error


def _open_parquet(file: InputFile, stream: BinaryIO) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(stream, buffer_size=_READ_BYTES, pre_buffer=False)
    except pa.ArrowInvalid as error:
        raise ConfigError(f"input {file.path} is no readable parquet file: {error}") from error


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_bytes(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _group_of(table: pq.ParquetFile, row: int) -> tuple[int, int]:
    """The row group that holds `row`, and its first row."""
    begins = 0
    for group in range(table.num_row_groups):
        rows = table.metadata.row_group(group).num_rows
        if row < begins + rows:
            return group, begins
        begins += rows
    return table.num_row_groups, begins


def _never_null(table: pq.ParquetFile, column: str) -> bool:
    """Whether the file's statistics promise a value in every row."""
    for group in range(table.num_row_groups):
        chunks = table.metadata.row_group(group)
        # Chunks are leaves, so the column's number among the fields does not count here.
        found = (chunks.column(i) for i in range(chunks.num_columns))
        statistics = next((c.statistics for c in found if c.path_in_schema == column), None)
        if statistics is None or not statistics.has_null_count or statistics.null_count:
            return False
    return True


def _values(batch: Any, column: str) -> list[str | bytes | Fault | None]:
    """Texts of a column; one that is not UTF-8 is a fault of its row alone."""
    import pyarrow as pa

    array = batch.column(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    large = pa.types.is_large_string(array.type)
    return [_text(value) for value in array.cast(pa.large_binary() if large else pa.binary())
            .to_pylist()]  # fmt: skip


def _text(value: bytes | None) -> str | Fault | None:
    if value is None:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        return utf8_fault(error, "the cell")


def _images(batch: Any, column: str) -> list[object]:
    import pyarrow as pa
    import pyarrow.compute as pc

    array = batch.column(column)
    if pa.types.is_struct(array.type):
        array = pc.struct_field(array, "bytes")
    values = array.to_pylist() if _is_bytes(array.type) else _values(batch, column)
    return [value or no_image() for value in values]


def _row(
    position: tuple[int, ...],
    origin: str,
    file: InputFile,
    cells: tuple[object, object, object],
) -> Row:
    caption, url, image = cells
    fault = next((cell for cell in (caption, url) if isinstance(cell, Fault)), None)
    if fault is not None:
        return Row(position, origin, fault=fault)
    return table_row(position, origin, file, caption, url, image)
