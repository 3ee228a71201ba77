"""How long a run took: a file beside its directory, for seconds differ each time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import ShardReceipt
from pipeline.stores.location import is_stored
from pipeline.stores.scratch import scratch_file

SECONDS_PER_HOUR: Final = 3600.0

KEPT: Final = "pictures kept"
"""What the image stage made; what it drew and did not keep is not in every record."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What one stage took.

    Attributes:
        stage: "captions" or "images".
        shards: Shards of which the time is known.
        seconds: Sum over them, of every process.
        items: What was made in that time.
        unit: What the items are: "rows" or "pictures kept".
        gpu_hours: None where the work was done on a CPU, or it is not known where.
    """

    stage: str
    shards: int
    seconds: float
    items: int
    unit: str
    gpu_hours: float | None = None


def timings_file(layout: RunLayout) -> Path:
    """Where the seconds of each stage are kept: beside the run, as they differ each time."""
    if is_stored(layout.root):
        path = scratch_file(layout.root, ".timings.jsonl")  # a store's objects cannot grow
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
    root = layout.root.resolve()
    return root.parent / f"{root.name}.timings.jsonl"


class TimingsLog:
    """Appends what a run's stages took to its file; safe from every thread.

    A file that cannot be written costs the times, never the run.
    """

    def __init__(self, path: Path) -> None:
        self._path: Path | None = path
        self._lock = threading.Lock()

    def append(
        self, shard_id: int, stage: str, seconds: float, counts: Mapping[str, int]
    ) -> str | None:
        """Keep what one stage of a shard took.

        Returns:
            Why the file cannot be written, the first time that it cannot; else None.
        """
        entry = {"shard": shard_id, "stage": stage, "seconds": round(seconds, 3), **counts}
        with self._lock:
            if self._path is None:
                return None
            try:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(entry) + "\n")
            except OSError as error:
                self._path = None
                return f"timings are not kept: {error}"
        return None


def read_efforts(
    layout: RunLayout, receipts: Iterable[ShardReceipt], *, on_gpu: bool
) -> tuple[Effort, ...]:
    """What each stage took; empty where no times are kept.

    The file is only appended to, so the last line of a shard's stage is the one of the files
    that are there, and a line of other counts is of an earlier run of the same name: left
    out. Lines that do not parse are, too.
    """
    made = {receipt.shard_id: receipt for receipt in receipts}
    seconds: dict[str, dict[int, float]] = {"captions": {}, "images": {}}
    for entry in _entries(timings_file(layout)):
        shard_id, stage, taken = entry.get("shard"), _stage(entry), entry.get("seconds")
        if not isinstance(shard_id, int) or not isinstance(taken, int | float):
            continue
        receipt = made.get(shard_id)
        if receipt is None or stage not in seconds or not _belongs(entry, receipt):
            continue
        seconds[stage][shard_id] = float(taken)
    efforts = []
    for stage, unit in (("captions", "rows"), ("images", KEPT)):
        known = seconds[stage]
        counts = [made[shard_id].counts for shard_id in known]
        items = sum(c.rows if unit == "rows" else c.images for c in counts)
        if not known or (unit == KEPT and not items):
            continue
        total = sum(known.values())
        gpu_hours = total / SECONDS_PER_HOUR if on_gpu and unit == KEPT else None
        efforts.append(Effort(stage, len(known), total, items, unit, gpu_hours))
    return tuple(efforts)


def _stage(entry: Mapping[str, object]) -> str:
    """Name of the stage; in older files its key is `half`."""
    return str(entry.get("stage", entry.get("half")))


def _belongs(entry: Mapping[str, object], receipt: ShardReceipt) -> bool:
    if _stage(entry) == "images":
        return entry.get("images") == receipt.counts.images
    return entry.get("rows") == receipt.counts.rows


def _entries(path: Path) -> list[Mapping[str, object]]:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    found: list[Mapping[str, object]] = []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            found.append(entry)
    return found
