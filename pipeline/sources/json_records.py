"""The records of a whole JSON file, in whichever layout a program wrote its table.

pandas knows six (`to_json(orient=…)`), `datasets` writes columns as lists, and many wrap the
list of objects in an object with a key of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.core.addresses import looks_like_address
from pipeline.core.errors import ConfigError
from pipeline.sources.files import InputFile

Record = Mapping[str, Any]


def records_of(
    file: InputFile, value: object, columns: Sequence[str] | None, *, caption: str = "caption"
) -> list[Any]:
    """A record for each row, in the file's order; what is no object stays, to be rejected.

    Args:
        file: Where the value comes from, for messages.
        value: What the file holds.
        columns: Names for rows that are lists.
        caption: Name for texts that are no objects: a list of captions, or one for each picture.

    Raises:
        ConfigError: It is no table, or rows of lists have no names; the remedy is told.
    """
    if isinstance(value, list):
        if value and all(isinstance(row, str) for row in value):
            return [{caption: row} for row in value]
        return _from_list(file, value, columns)
    if not isinstance(value, Mapping):
        raise ConfigError(f"input {file.shown} holds one {type(value).__name__} and no table")
    if "data" in value and ("columns" in value or "schema" in value):
        return _from_parts(file, value, columns)
    if value and all(map(looks_like_address, value)):
        return _from_pictures(value, caption)
    for read in (_from_columns, _from_index, _from_wrapped):
        found = read(value)
        if found is not None:
            return found
    lists = sorted(key for key, held in value.items() if isinstance(held, list))
    raise ConfigError(
        f"input {file.shown} holds neither a list of objects nor COCO's captions nor a table of "
        f"pandas ({'several lists: ' + ', '.join(lists[:5]) if lists else 'no list'}); save it as "
        "jsonl, an object a line"
    )


def _from_list(file: InputFile, rows: list[Any], columns: Sequence[str] | None) -> list[Any]:
    """Objects as they are; lists of pandas' `values` with their names."""
    if not rows or not all(isinstance(row, list) for row in rows):
        return rows
    if columns is None:
        raise ConfigError(
            f"input {file.shown} holds lists without the names of their columns; give these: "
            """--source tabular --set 'source.columns=["id","caption"]'"""
        )
    begin = 1 if [str(name).lower() for name in rows[0]] == [n.lower() for n in columns] else 0
    return [_named(row, columns) for row in rows[begin:]]


def _named(row: Any, columns: Sequence[Any]) -> Any:
    """A row of cells with the names of its columns; one of another length is no object."""
    if not isinstance(row, list) or len(row) != len(columns):
        return row
    return dict(zip(map(str, columns), row, strict=True))


def _from_parts(file: InputFile, value: Record, columns: Sequence[str] | None) -> list[Any]:
    """Pandas' `split` and `table`."""
    names, rows = value.get("columns"), value["data"]
    if not isinstance(rows, list):
        raise ConfigError(f"input {file.shown}: its `data` is no list; save it as jsonl")
    if isinstance(names, list):
        return [_named(row, names) for row in rows]
    return _from_list(file, rows, columns)


def _from_pictures(value: Record, caption: str) -> list[Any]:
    """A caption, several, or an object for the file of each picture."""
    return [
        {"file_name": name, **held} if isinstance(held, Mapping)
        else {"file_name": name, caption: held}
        for name, held in value.items()
    ]  # fmt: skip


def _from_columns(value: Record) -> list[Any] | None:
    """Pandas' `columns` (row label → cell for each column), or a list for each column."""
    cells = list(value.values())
    if not cells:
        return None
    if all(isinstance(column, list) for column in cells):
        lengths = {len(column) for column in cells}
        of_objects = all(isinstance(cell, Mapping) for column in cells for cell in column[:1])
        if len(lengths) != 1 or of_objects:
            return None
        return [dict(zip(value, row, strict=True)) for row in zip(*cells, strict=True)]
    if not all(isinstance(column, Mapping) for column in cells):
        return None
    labels = list(cells[0])
    if any(isinstance(cell, Mapping) for cell in cells[0].values()):
        return None
    if not _are_labels(labels) or any(list(column) != labels for column in cells):
        return None
    return [{name: column[label] for name, column in value.items()} for label in labels]


def _are_labels(names: Sequence[str]) -> bool:
    """Whether these name rows and not columns: pandas numbers rows from 0."""
    return all(name.isdigit() for name in names)


def _from_index(value: Record) -> list[Any] | None:
    """Pandas' `index`: column → cell for each row label."""
    rows = list(value.values())
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        return None
    names = set(rows[0])
    return rows if names and all(names & set(row) for row in rows) else None


def _from_wrapped(value: Record) -> list[Any] | None:
    """The one list of objects among other values."""
    lists = [
        held
        for held in value.values()
        if isinstance(held, list) and held and all(isinstance(row, Mapping) for row in held)
    ]
    return lists[0] if len(lists) == 1 else None
