"""The journal of a training: what each step came to."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path


class Journal:
    """A line of JSON for every step; on resume, what came after the checkpoint is removed."""

    def __init__(self, path: Path, start: int, is_main: bool) -> None:
        self._path = path
        self._is_main = is_main
        if is_main:
            kept = path.read_text("utf-8").splitlines()[:start] if path.exists() else []
            path.write_text("".join(f"{line}\n" for line in kept), "utf-8")

    def add(self, entry: Mapping[str, float]) -> None:
        """Append a line."""
        if self._is_main:
            with self._path.open("a", encoding="utf-8") as file:
                # NaN (a gradient norm that overflowed in fp16) is no JSON.
                finite = {k: v if math.isfinite(v) else None for k, v in entry.items()}
                file.write(json.dumps(finite) + "\n")
