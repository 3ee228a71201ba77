from __future__ import annotations

import csv
from pathlib import Path

from tests.unit.export.exported_run import (
    CAPTION,
    CAUSE,
    CONTROL,
    EDIT_0,
    EDIT_1,
    FULL_0,
    NEGATION,
    PHOTO,
    exported,
    shown,
)


def test_every_picture_stands_with_what_is_true_of_it(tmp_path: Path) -> None:
    output, outcome = exported(tmp_path, "pairs")
    with (output / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            (shown(Path(r["filepath"])), r["title"]) for r in csv.DictReader(file, delimiter="\t")
        ]
    assert rows == [
        (CONTROL, CAPTION),
        (EDIT_0, "a blue car"),
        (CONTROL, NEGATION[0]),
        (EDIT_1, NEGATION[1]),
        (CONTROL, "a wet street"),
        (PHOTO, "a wet street"),
        (EDIT_0, "a dry street"),
        (CONTROL, CAUSE[0]),  # the reversal is true of no picture
        (FULL_0, "a meadow in the sun"),
        (CONTROL, "two dogs"),
    ]
    assert outcome.rows == {"pairs": 10}
