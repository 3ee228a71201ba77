"""run.json as it is read: the one place that opens it; :mod:`pipeline.runs` writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.ids import JsonValue
from pipeline.shards.layout import RunLayout

FINGERPRINT_KEY = "config_fingerprint"
"""Key that must hold the manifest's config fingerprint."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What run.json says.

    Attributes:
        tree: All of it.
    """

    tree: Mapping[str, JsonValue]

    def table(self, name: str) -> Mapping[str, JsonValue]:
        """A table of it, such as `stages`; empty where there is none."""
        found = self.tree.get(name)
        return found if isinstance(found, dict) else {}

    @property
    def config(self) -> Mapping[str, JsonValue]:
        """The resolved config, `section.key` → value."""
        return self.table("config")

    @property
    def fingerprint(self) -> JsonValue:
        """The config fingerprint."""
        return self.tree.get(FINGERPRINT_KEY)

    def text(self, key: str, default: str = "") -> str:
        """A setting as text."""
        value = self.config.get(key)
        return default if value is None else str(value)

    @property
    def has_pictures(self) -> bool:
        """Whether the run draws."""
        return self.text("images.renderer", "none") != "none"


def parse_run_json(data: bytes) -> RunRecord:
    """Read the bytes of a run.json.

    Raises:
        ValueError: They are none.
    """
    try:
        tree = json.loads(data)
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from error
    if not isinstance(tree, dict):
        raise ValueError("it holds no table")
    if not isinstance(tree.get("config", {}), dict):
        raise ValueError("its config is no table")
    return RunRecord(tree)


def read_run_json(layout: RunLayout) -> RunRecord:
    """Read the run.json of a run directory.

    Raises:
        ConfigError: There is none: it is no run directory.
        ShardCorruptError: It is damaged.
    """
    path = layout.run_json
    try:
        return parse_run_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        missing = "is no run directory: it has no run.json"
        what = missing if layout.root.exists() else "does not exist"
        raise ConfigError(
            f"{layout.root} {what}; name a directory that `counterfactory run` made"
        ) from error
    except (ValueError, OSError) as error:
        raise ShardCorruptError(
            f"{path} is damaged ({error}); restore it from a copy: it says how the run was made"
        ) from error
