"""One typed reader for every TOML file of the lexicon."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from textwrap import shorten
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from pipeline.core.errors import ConfigError

T = TypeVar("T")


class Table(BaseModel):
    """Base of the lexicon's tables: read-only, and a key that nobody knows is an error."""

    # Most of a process's start would be schemas of files that its rules do not read.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _split(text: object) -> object:
    return text.split() if isinstance(text, str) else text


def _fill_in(tables: object, fields: Callable[[str], dict[str, object]]) -> object:
    """`tables` with more keys in each of them; anything else is left for pydantic to refuse."""
    if not isinstance(tables, dict):
        return tables
    return {
        name: {**fields(name), **entry} if isinstance(entry, dict) else entry
        for name, entry in tables.items()
    }


def filled(**fields: object) -> BeforeValidator:
    """Give every table of a dictionary the same further keys."""
    return BeforeValidator(partial(_fill_in, fields=lambda _: fields))


NAMED = BeforeValidator(partial(_fill_in, fields=lambda name: {"name": name}))
"""Gives every table of a dictionary its own name as a further key."""

Words = Annotated[frozenset[str], BeforeValidator(_split)]
"""Words of a text, separated by white space."""

Phrase = Annotated[tuple[str, ...], BeforeValidator(_split)]
"""The words of one phrase, in their order."""


def load_lexicon_file(name: str, shape: type[T]) -> T:
    """Read `lexicon/<name>.toml` as `shape`: a model, or a dictionary of models.

    Raises:
        ConfigError: The file is no TOML, does not have that shape, or contradicts itself; the
            message names file, table and remedy.
    """
    return read_toml(name, _texts()[name], shape)


def read_toml(name: str, text: str, shape: type[T]) -> T:
    """The same for the text of a file."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"pipeline/edits/lexicon/{name}.toml is no TOML: {error}; mend that line"
        ) from error
    return read_table(name, table, shape)


def read_table(name: str, table: dict[str, Any], shape: type[T]) -> T:
    """The same for a table that is already parsed."""
    try:
        return TypeAdapter(shape).validate_python(table)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place, problem = [str(part) for part in fault["loc"]], fault["msg"]
        is_key = fault["type"] == "missing" or not isinstance(fault["input"], dict)
        if len(place) > 1 and is_key:
            problem = f"{place.pop()}: {problem}"
        found = shorten(repr(fault["input"]), 80, placeholder="…")
        raise broken(name, ".".join(place), f"{problem}, found {found}") from error


def broken(name: str, table: str, problem: str) -> ConfigError:
    """The error for a file of the lexicon that cannot be used."""
    return ConfigError(
        f"pipeline/edits/lexicon/{name}.toml [{table}] {problem}; mend that entry: the comments "
        "at the top of the file say what each key means"
    )


def lexicon_fingerprint() -> str:
    """Name of the content of all files: whatever a rule reads decides its edits."""
    named = (part for item in _texts().items() for part in item)
    return hashlib.sha256("\0".join(named).encode()).hexdigest()[:16]


@cache
def _texts() -> dict[str, str]:
    """Name of each file → its text, sorted."""
    entries = sorted(files("pipeline.edits.lexicon").iterdir(), key=lambda entry: entry.name)
    return {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in entries
        if entry.name.endswith(".toml")
    }
