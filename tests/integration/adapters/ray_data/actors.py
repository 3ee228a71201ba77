"""Finds the processes of Ray's actors on this machine, to kill them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def actors_below(process: int) -> set[int]:
    """Every actor of a process's own cluster that has a stage of shards to do."""
    found: set[int] = set()
    below = [process]
    for number in below:
        for children in Path(f"/proc/{number}/task").glob("*/children"):
            with suppress(FileNotFoundError, ProcessLookupError):
                below += map(int, children.read_text("ascii").split())
    for number in below:
        with suppress(FileNotFoundError, ProcessLookupError):
            if Path(f"/proc/{number}/cmdline").read_bytes().startswith(b"ray::MapWorker"):
                found.add(number)
    return found
