"""Parquet tables, read a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.sources.files import InputFile
from pipeline.sources.rows import Row, utf8_fault
from pipeline.sources.table_rows import Columns, Table, rows_from

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_TEXT_BATCH_ROWS = 4096
_IMAGE_BATCH_ROWS = 64
_READ_BYTES = 1 << 20


class ParquetTable:
    """Rows of parquet files. A position is (file, row).

    Seeking is by row group: rows of the group that stand before the span are decoded and
    dropped, so files with groups of some thousand rows are the quickest. Columns may be of any
    of Arrow's text and binary types, plain, nested or in lists; images may be bytes, paths, or
    the struct of both that `datasets` writes.
    """

    kind = "tabular"

    def __init__(self, files: tuple[InputFile, ...], config: SourceConfig) -> None:
        self._files = files
        self._table = Table(config)
        self.has_images = config.image_column is not None
        self._columns: list[Columns] = []
        for file in files:
            with file.opened() as stream:
                schema = _open_parquet(file, stream).schema_arrow
            columns = Columns.of(config).check(file, schema.names)
            _check_types(file, schema, columns)
            self._columns.append(columns)

    def rows(self, start: tuple[int, ...] | None, *, pictures: bool) -> Generator[Row, None, None]:
        """Yield every row; see :meth:`pipeline.sources.rows.RowFormat.rows`."""
        return rows_from(start, len(self._files), self._file_rows, head=(0,))

    def _file_rows(self, number: int, row: int) -> Iterator[Row]:
        file, columns = self._files[number], self._columns[number]
        with file.opened() as stream:
            table = _open_parquet(file, stream)
            for record in _records(file, table, row, columns):
                position, origin = (number, row), f"{file.name}:{row + 1}"
                yield from self._table.rows(position, origin, file, columns, record)
                row += 1


def _records(
    file: InputFile, table: pq.ParquetFile, row: int, columns: Columns
) -> Iterator[dict[str, object]]:
    """The chosen cells of the rows from `row` on."""
    import pyarrow as pa

    schema = table.schema_arrow
    names = [_top(schema.names, column) for column in columns.names]
    group, begins = _group_of(table, row)
    batches = table.iter_batches(
        batch_size=_IMAGE_BATCH_ROWS if columns.image else _TEXT_BATCH_ROWS,
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
            cells = [python_values(array) for array in part.columns]
            for values in zip(*cells, strict=True):
                yield dict(zip(part.schema.names, values, strict=True))
    except (pa.ArrowException, OSError) as error:
        if file.remote and isinstance(error, OSError):
            raise
        raise PermanentError(
            f"{file.shown} is a damaged parquet file ({error}); fetch it again"
        ) from error


def _top(names: list[str], column: str) -> str:
    """The column of the file that a dotted name begins with."""
    return column if column in names else column.partition(".")[0]


def _check_types(file: InputFile, schema: Any, columns: Columns) -> None:
    """Refuse columns that can hold neither texts nor pictures.

    Raises:
        ConfigError: One is of another type.
    """
    for column in filter(None, (columns.caption, columns.url)):
        kind = _leaf(schema, column)
        if kind is not None and not _is_text(kind):
            raise ConfigError(
                f"input {file.shown}: column {column!r} holds {kind}, not text; choose another"
            )
    kind = _leaf(schema, columns.image) if columns.image else None
    if kind is not None and not (_is_picture(kind) or _is_text(kind) or _is_bytes(kind)):
        raise ConfigError(
            f"input {file.shown}: column {columns.image!r} holds {kind}; images must "
            "be bytes, paths or a struct with `bytes` or `path`"
        )


def _leaf(schema: Any, column: str) -> Any:
    """Type of the values of a column, inside lists and dictionaries; None where it is no type.

    Raises:
        ConfigError: A nested column has no field of this name.
    """
    top = _top(schema.names, column)
    kind = _bare(schema.field(top).type)
    for part in column[len(top) :].split(".")[1:]:
        index = kind.get_field_index(part) if hasattr(kind, "get_field_index") else -1
        if index < 0:
            raise ConfigError(f"column {top!r} has no field {part!r}: it holds {kind}")
        kind = _bare(kind.field(index).type)
    return kind


def _bare(kind: Any) -> Any:
    """A type without the lists, dictionaries and extensions around it."""
    import pyarrow as pa

    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind) or hasattr(kind, "value_type"):
            if pa.types.is_map(kind):
                return kind
            kind = kind.value_type
        else:
            return kind


def _open_parquet(file: InputFile, stream: BinaryIO) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(stream, buffer_size=_READ_BYTES, pre_buffer=False)
    except pa.ArrowInvalid as error:
        raise ConfigError(f"input {file.shown} is no readable parquet file: {error}") from error


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    types = pa.types
    is_null = types.is_null(kind)  # a column without a single value has no other type
    return bool(
        is_null or types.is_string(kind) or types.is_large_string(kind) or _is_view(kind, "string")
    )


def _is_bytes(kind: Any) -> bool:
    import pyarrow as pa

    types = pa.types
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or _is_view(kind, "binary"))


def _is_view(kind: Any, name: str) -> bool:
    return str(kind) == f"{name}_view"


def _is_picture(kind: Any) -> bool:
    import pyarrow as pa

    fields = {field.name for field in kind} if pa.types.is_struct(kind) else set()
    return bool(fields & {"bytes", "path"})


def _group_of(table: pq.ParquetFile, row: int) -> tuple[int, int]:
    """The row group that holds `row`, and its first row."""
    begins = 0
    for group in range(table.num_row_groups):
        rows = table.metadata.row_group(group).num_rows
        if row < begins + rows:
            return group, begins
        begins += rows
    return table.num_row_groups, begins


def python_values(array: Any) -> list[object]:
    """The values of a column; one whose text is not UTF-8 is a fault of its row alone."""
    try:
        values: list[object] = array.to_pylist()
    except UnicodeDecodeError:
        return [_python_value(array[index]) for index in range(len(array))]
    return values


def _python_value(scalar: Any) -> object:
    try:
        value: object = scalar.as_py()
    except UnicodeDecodeError as error:
        return utf8_fault(error, "the cell")
    return value
