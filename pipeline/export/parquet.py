"""Parquet that huggingface `datasets` reads with pictures as pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

IMAGE: Final = "image"
ROWS_AT_ONCE: Final = 64
"""Rows in a row group: what is in memory while writing, and what a reader takes at once."""

Kind = str | list[Any] | Mapping[str, Any]
"""A column: a scalar such as "string", "bool" or "image"; a list of one kind; or a record."""


class ParquetRows:
    """Writes rows into `data/<split>.parquet`, one file a split, made as a split comes up.

    The schema's metadata tell `datasets` the features, so that it needs no script.
    """

    def __init__(self, folder: Path, columns: Mapping[str, Kind]) -> None:
        import pyarrow as pa

        info = {"info": {"features": {name: _feature(kind) for name, kind in columns.items()}}}
        self.schema = pa.schema(
            [pa.field(name, _arrow(kind)) for name, kind in columns.items()],
            metadata={"huggingface": json.dumps(info)},
        )
        self.folder = folder / "data"
        self._writers: dict[str, Any] = {}
        self._waiting: dict[str, list[Mapping[str, Any]]] = {}

    def __enter__(self) -> ParquetRows:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is left, and close the files."""
        for split, writer in self._writers.items():
            if error is None:
                self._flush(split)
            writer.close()

    def add(self, split: str, row: Mapping[str, Any]) -> None:
        """Append a row; its pictures are of :func:`picture_cell`."""
        import pyarrow.parquet as pq

        if split not in self._writers:
            self.folder.mkdir(exist_ok=True)
            self._writers[split] = pq.ParquetWriter(self.folder / f"{split}.parquet", self.schema)
            self._waiting[split] = []
        self._waiting[split].append(row)
        if len(self._waiting[split]) >= ROWS_AT_ONCE:
            self._flush(split)

    @property
    def splits(self) -> Sequence[str]:
        """The splits that have rows."""
        return tuple(self._writers)

    def _flush(self, split: str) -> None:
        import pyarrow as pa

        rows, self._waiting[split] = self._waiting[split], []
        if rows:
            self._writers[split].write_table(pa.Table.from_pylist(rows, schema=self.schema))


def picture_cell(data: bytes, name: str) -> dict[str, Any]:
    """A picture as `datasets` stores it in a table."""
    return {"bytes": data, "path": name}


def card(title: str, splits: Sequence[str], text: str) -> str:
    """A dataset card whose header names the files of each split."""
    files = "".join(
        f"  - split: {split}\n    path: data/{split}.parquet\n" for split in sorted(splits)
    )
    header = f"---\nconfigs:\n- config_name: default\n  data_files:\n{files}---\n"
    return f"{header}\n# {title}\n\n{text}\n"


def _arrow(kind: Kind) -> Any:  # noqa: ANN401
    import pyarrow as pa

    if kind == IMAGE:
        return pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    if isinstance(kind, str):
        return {"string": pa.string(), "bool": pa.bool_(), "float64": pa.float64()}[kind]
    if isinstance(kind, list):
        return pa.list_(_arrow(kind[0]))
    return pa.struct([(name, _arrow(part)) for name, part in kind.items()])


def _feature(kind: Kind) -> Any:  # noqa: ANN401
    if kind == IMAGE:
        return {"_type": "Image"}
    if isinstance(kind, str):
        return {"dtype": kind, "_type": "Value"}
    if isinstance(kind, list):
        return {"feature": _feature(kind[0]), "_type": "List"}
    return {name: _feature(part) for name, part in kind.items()}
