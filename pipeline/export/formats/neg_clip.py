"""Hard negative captions and pictures, as NegCLIP's training reads them.

Yuksekgonul et al. 2023 (arXiv 2210.01936): columns `title`, `filepath`, `neg_caption` (a list
of texts) and `neg_image` (a list of row numbers), separated by tabs. Its loader draws one of
each list and stops at an empty one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.export.reading import ExportSet, ExportWishes
from pipeline.export.target import ExportTarget


@dataclass(slots=True)
class _Row:
    """One picture with one true text; `negatives` are places in the same set."""

    picture: str
    text: str
    false_texts: list[str] = field(default_factory=list)
    negatives: list[int] = field(default_factory=list)


def write_neg_clip(sets: Iterable[ExportSet], target: ExportTarget, wishes: ExportWishes) -> None:
    """A row for each picture and true text that has a false text beside it.

    Negative pictures are of the same set; where it has none, the row of another set stands in,
    as a picture of something else.
    """
    written = 0
    waiting: list[tuple[str, _Row]] = []
    with target.open("neg_clip.tsv") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["", "title", "filepath", "neg_caption", "neg_image"])

        def write(rows: list[tuple[str, _Row]], other: int) -> None:
            nonlocal written
            first = written
            for path, row in rows:
                numbers = [first + place for place in row.negatives] or [other]
                table.writerow([written, row.text, path, repr(row.false_texts), repr(numbers)])
                written += 1

        for one in sets:
            rows = _rows(one)
            if not rows:
                target.skipped["sets without a picture, or without an edit"] += 1
                continue
            # The row of another set is the next set's first, so a set waits for its successor.
            write(waiting, written + len(waiting))
            waiting = [
                (target.whole_path(target.write_picture(one, row.picture)), row) for row in rows
            ]
            target.rows["rows"] += len(rows)
        write(waiting, 0)


def _rows(one: ExportSet) -> list[_Row]:
    rows: dict[tuple[str, str], int] = {}
    made: list[_Row] = []

    def place(picture: str, text: str) -> int:
        if (picture, text) not in rows:
            rows[picture, text] = len(made)
            made.append(_Row(picture, text))
        return rows[picture, text]

    for edit in one.edits:
        beside = one.pair_picture(edit)
        if beside is None:
            continue
        true = place(beside, edit.truth.pair_text)
        made[true].false_texts.append(edit.caption)
        if own := one.own_picture(edit):
            false = place(own, edit.caption)
            made[false].false_texts.append(edit.truth.pair_text)
            made[true].negatives.append(false)
            made[false].negatives.append(true)
    return made
