from __future__ import annotations

import json
from pathlib import Path

from tests.unit.export.exported_run import (
    CONTROL,
    EDIT_0,
    EDIT_1,
    FULL_0,
    NEGATION,
    exported,
    shown,
)

COLUMNS = {"id", "image_0", "image_1", "caption_0", "caption_1", "tag", "secondary_tag",
           "num_main_preds", "collapsed_tag"}  # fmt: skip


def test_caption_i_is_true_of_picture_i(tmp_path: Path) -> None:
    output, outcome = exported(tmp_path, "winoground")
    text = (output / "examples.jsonl").read_text("utf-8")
    examples = [json.loads(line) for line in text.splitlines()]
    assert all(set(example) == COLUMNS for example in examples)
    assert [example["id"] for example in examples] == [0, 1, 2, 3]
    pairs = [
        [(shown(output / "images" / f"{e[f'image_{i}']}.png"), e[f"caption_{i}"]) for i in (0, 1)]
        for e in examples
    ]
    assert pairs == [
        [(CONTROL, "a red car"), (EDIT_0, "a blue car")],
        [(CONTROL, NEGATION[0]), (EDIT_1, NEGATION[1])],
        [(CONTROL, "a wet street"), (EDIT_0, "a dry street")],
        [(CONTROL, "a wet street"), (FULL_0, "a meadow in the sun")],
    ]
    assert [e["tag"] for e in examples] == ["attribute", "negation", "attribute", "full"]
    assert outcome.rows == {"examples": 4}
