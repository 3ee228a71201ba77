"""Read as NegCLIP's own loader does: pandas, and the lists by `ast.literal_eval`."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd

from tests.unit.export.exported_run import (
    CAUSE,
    CONTROL,
    EDIT_0,
    EDIT_1,
    NEGATION,
    exported,
    shown,
)


def test_rows_have_false_texts_and_other_pictures(tmp_path: Path) -> None:
    output, _ = exported(tmp_path, "neg-clip")
    table = pd.read_csv(
        output / "neg_clip.tsv",
        sep="\t",
        converters={"neg_caption": ast.literal_eval, "neg_image": ast.literal_eval},
    )
    rows = list(table.itertuples())
    assert [(row.title, shown(Path(row.filepath)), row.neg_caption) for row in rows] == [
        ("a red car", CONTROL, ["a blue car"]),
        ("a blue car", EDIT_0, ["a red car"]),
        (NEGATION[0], CONTROL, [NEGATION[1]]),
        (NEGATION[1], EDIT_1, [NEGATION[0]]),
        ("a wet street", CONTROL, ["a dry street"]),
        ("a dry street", EDIT_0, ["a wet street"]),
        (CAUSE[0], CONTROL, [CAUSE[1]]),
        ("two dogs", CONTROL, ["three dogs"]),
    ]
    # The causal pair and the unseen count have no picture of their own: another set stands in.
    assert [row.neg_image for row in rows] == [[1], [0], [3], [2], [5], [4], [7], [0]]
