from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.unit.export.exported_run import CAUSE, CONTROL, PHOTOGRAPH, exported, shown


def test_an_item_is_a_reversal_with_a_true_picture(tmp_path: Path) -> None:
    output, outcome = exported(tmp_path, "vqa-causal")
    table = pd.read_csv(output / "vqa_causal.csv")
    (row,) = table.itertuples()
    assert (row.sentence, row.reverse_sentence) == CAUSE
    # As the benchmark's own script builds the name.
    picture = output / "images" / f"COCO_val2014_{str(row.image_id).zfill(12)}.jpg"
    assert shown(picture) == CONTROL
    keys = pd.read_csv(output / "keys.csv")
    assert keys.to_dict("records") == [{"image_id": row.image_id, "key": PHOTOGRAPH}]
    assert outcome.rows == {"items": 1}
