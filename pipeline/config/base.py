"""The base of every section of the configuration, and settings by dotted name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from pipeline.core.ids import JsonValue


class Section(BaseModel):
    """Base of every section: unknown keys are errors, values cannot change later."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, JsonValue]:
    """Turn nested sections into `section.key` → value; only sections are opened."""
    flat: dict[str, JsonValue] = {}
    for key, value in tree.items():
        if not prefix and isinstance(value, dict):
            flat |= flatten(value, f"{key}.")
        else:
            flat[prefix + key] = value
    return flat
