"""The base of every section of the configuration, and settings by dotted name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict

from pipeline.core.addresses import store_address
from pipeline.core.ids import JsonValue


class Section(BaseModel):
    """Base of every section: unknown keys are errors, values cannot change later."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def _refuse_address(folder: str | None) -> str | None:
    if folder is not None and _ADDRESS.match(folder):
        scheme = folder.partition(":")[0]
        raise ValueError(
            f"a training is written into a local folder, not to {scheme}: write it locally and "
            "copy it there, or mount the store"
        )
    return folder


_CHAIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*::.*:/")


def _name_store(folder: str | None) -> str | None:
    if folder is not None and _CHAIN.match(folder):
        raise ValueError(
            "a chain of file systems (::) is for reading: give the plain address of the store"
        )
    address = None if folder is None else store_address(folder)
    if address is not None and address.startswith(("http://", "https://", "ftp://")):
        raise ValueError(
            "a run is written into a local folder or to a store, such as s3://bucket/run, and to "
            "no web server"
        )
    if address is not None and address.startswith("memory://"):
        raise ValueError(
            "memory:// is gone when this process ends, and other processes of the run do not see "
            "it: take a folder, such as one below /dev/shm, or a store"
        )
    return address or folder


RunFolder = Annotated[str, AfterValidator(_name_store)]
"""A run directory: a folder, or an address of a store such as `s3://bucket/run`."""

LocalFolder = Annotated[str, AfterValidator(_refuse_address)]
"""A folder that is written. An object store's address would make a folder `s3:` here."""


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, JsonValue]:
    """Turn nested sections into `section.key` → value; only sections are opened."""
    flat: dict[str, JsonValue] = {}
    for key, value in tree.items():
        if not prefix and isinstance(value, dict):
            flat |= flatten(value, f"{key}.")
        else:
            flat[prefix + key] = value
    return flat
