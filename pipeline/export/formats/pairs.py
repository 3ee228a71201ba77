"""Pictures with true captions, as open_clip's `--dataset-type csv` reads them.

Columns `filepath` and `title`, separated by tabs, which are open_clip's defaults.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from pipeline.export.reading import ExportSet, ExportWishes
from pipeline.export.target import ExportTarget


def write_pairs(sets: Iterable[ExportSet], target: ExportTarget, wishes: ExportWishes) -> None:
    """A row for every picture and every caption that is known to be true of it.

    The factual pictures with the caption and with the edits' own true wordings; and the
    picture of a counterfactual with its caption, unless it shows the factual scene.
    """
    with target.open("pairs.csv") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["filepath", "title"])
        for one in sets:
            rows = dict.fromkeys(_pairs(one))
            if not rows:
                target.skipped["sets without a picture"] += 1
            for name, text in rows:
                table.writerow([target.whole_path(target.write_picture(one, name)), text])
                target.rows["pairs"] += 1


def _pairs(one: ExportSet) -> Iterator[tuple[str, str]]:
    for name in one.true_pictures():
        yield name, one.caption
    for entry in (*one.edits, *one.fulls):
        if beside := one.pair_picture(entry):
            yield beside, entry.truth.pair_text
        if own := one.own_picture(entry):
            yield own, entry.caption
