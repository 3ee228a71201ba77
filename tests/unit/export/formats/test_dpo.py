"""Read by huggingface `datasets`, as TRL's trainer gets it."""

from __future__ import annotations

from pathlib import Path

import datasets
import numpy as np

from tests.unit.export.exported_run import (
    CAUSE,
    CONTROL,
    EDIT_0,
    EDIT_1,
    FULL_0,
    NEGATION,
    exported,
)


def test_what_is_true_is_preferred(tmp_path: Path) -> None:
    output, outcome = exported(tmp_path, "dpo")
    loaded = datasets.load_dataset(str(output), cache_dir=str(tmp_path))
    rows = [row for split in loaded.values() for row in split]
    assert len(rows) == outcome.rows["preferences"] == 10
    for row in rows:
        assert [message["role"] for message in row["prompt"]] == ["user"]
    found = {
        (
            int(round(np.asarray(row["images"][0]).mean() / 40)) * 40,
            row["chosen"][0]["content"],
            row["rejected"][0]["content"],
        )
        for row in rows
    }
    assert found == {
        (CONTROL, "a red car", "a blue car"),
        (EDIT_0, "a blue car", "a red car"),
        (CONTROL, *NEGATION),
        (EDIT_1, *NEGATION[::-1]),
        (CONTROL, "a wet street", "a dry street"),
        (EDIT_0, "a dry street", "a wet street"),
        (CONTROL, *CAUSE),
        (CONTROL, "a wet street", "a meadow in the sun"),
        (FULL_0, "a meadow in the sun", "a wet street"),
        (CONTROL, "two dogs", "three dogs"),
    }
