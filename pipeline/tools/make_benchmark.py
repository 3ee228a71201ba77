"""`counterfactory benchmark make`: a benchmark with its contact sheet, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline.report.contact_sheet import SheetCell, draw_sheet
from pipeline.shards.atomic_folder import atomic_folder
from pipeline.shards.layout import RunLayout
from pipeline.shards.run_json import read_run_json
from pipeline.training.vlm.benchmark.groups import About, Group
from pipeline.training.vlm.benchmark.make import BenchmarkWishes, write_benchmark

SHEET: Final = "sheet.png"
SHEET_GROUPS: Final = 60
GROUPS_IN_ROW: Final = 3


def make_benchmark(source: str, output: Path, wishes: BenchmarkWishes) -> About:
    """Make a benchmark of a run.

    Args:
        source: A run directory, or anything else that the loader reads.
        output: Made; an empty folder may be there.
        wishes: What to choose.

    Raises:
        ConfigError: Nothing to read, or something is at `output`.
        PermanentError: No set gives a group.
        ShardCorruptError: A shard is damaged.
    """
    with atomic_folder(output) as folder:
        about, groups = write_benchmark(source, folder, wishes, _scorer_of(Path(source)))
        shown = _of_each_kind(groups, SHEET_GROUPS)
        cells = [_cells(folder, group) for group in shown]
        rows = [
            [cell for pair in cells[start : start + GROUPS_IN_ROW] for cell in pair]
            for start in range(0, len(cells), GROUPS_IN_ROW)
        ]
        title = f"{len(shown)} of {len(groups)} groups"
        draw_sheet(rows, title=title).save(folder / SHEET)
    return about


def _of_each_kind(groups: Sequence[Group], number: int) -> list[Group]:
    """The first of each kind, then the second of each; in the end by kind again."""
    kinds: dict[str, list[Group]] = {}
    for group in groups:
        kinds.setdefault(group.kind, []).append(group)
    turns = [(turn, group) for found in kinds.values() for turn, group in enumerate(found)]
    chosen = [group for _, group in sorted(turns, key=lambda pair: pair[0])[:number]]
    return sorted(chosen, key=lambda group: (group.kind, group.id))


def _cells(folder: Path, group: Group) -> list[SheetCell]:
    cells = []
    for place, (caption, image) in enumerate(
        ((group.caption_0, group.image_0), (group.caption_1, group.image_1))
    ):
        is_factual = place == group.factual
        label = "factual" if is_factual else group.kind
        cells.append(
            SheetCell(
                label if is_factual or not group.subkind else f"{label} · {group.subkind}",
                caption,
                image=None if image is None else (folder / image).read_bytes(),
                note=(f"also “{group.neutral}”" if group.neutral else "")
                if is_factual
                else group.id,
            )
        )
    return cells if group.factual == 0 else cells[::-1]


def _scorer_of(run: Path) -> str | None:
    """The model of the run's scores, where `run` is a run directory and has one."""
    layout = RunLayout(run)
    if not layout.run_json.is_file():
        return None
    named = read_run_json(layout).text("scores.clip", "none")
    return None if named == "none" else named
