"""Whether a saved place in the data means anything here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.core.errors import ConfigError


def refuse_other_settings(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """Refuse to resume where the order of the sets would be another.

    Raises:
        ConfigError: Names what differs.
    """
    differing = [
        f"{name} (was {theirs.get(name)!r}, is {ours.get(name)!r})"
        for name in sorted({*ours, *theirs})
        if ours.get(name) != theirs.get(name)
    ]
    if differing:
        raise ConfigError(
            "this state is of a loader with other settings, so that its place means nothing "
            f"here: {', '.join(differing)}; set them as they were, or begin an epoch anew"
        )
