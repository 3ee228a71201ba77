from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.export.reading import ExportWishes
from pipeline.export.run import export_run
from tests.unit.export.exported_run import (
    CONTROL,
    DRAWN,
    EDIT_0,
    EDIT_1,
    FULL_0,
    NEGATION,
    PHOTOGRAPH,
    exported,
    shown,
    write_run,
)

NAMES = ("cf_output", "orig_output", "type")


def lines(output: Path) -> list[dict[str, Any]]:
    text = (output / "train.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_holds_a_set(tmp_path: Path) -> None:
    output, outcome = exported(tmp_path, "cf-vlm")
    found = lines(output)
    assert [line["id"] for line in found] == [DRAWN, PHOTOGRAPH]
    assert [shown(output / line["orig_input"]) for line in found] == [CONTROL, CONTROL]
    samples = [
        [
            (shown(output / sample["cf_input"]), *(sample[name] for name in NAMES))
            for sample in line["cf_samples"]
        ]
        for line in found
    ]
    assert samples == [
        [
            (EDIT_0, "a blue car", "a red car", "minimal"),
            (EDIT_1, NEGATION[1], NEGATION[0], "minimal"),
        ],
        [
            (EDIT_0, "a dry street", "a wet street", "minimal"),
            (FULL_0, "a meadow in the sun", "a wet street", "full"),
        ],
    ]
    assert outcome.rows == {"sets": 2, "counterfactuals": 4}


def test_weights_of_edits_are_kept_and_whole_scenes_have_none(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", weight=0.25)
    export_run(run, "cf-vlm", tmp_path / "out", ExportWishes())
    samples = [sample for line in lines(tmp_path / "out") for sample in line["cf_samples"]]
    assert [(sample["type"], sample.get("weight")) for sample in samples] == [
        ("minimal", 0.25), ("minimal", 0.25), ("minimal", 0.25), ("full", None),
    ]  # fmt: skip


@pytest.mark.parametrize("k", [1, 2, 5])
def test_k_is_met_by_marked_repetition(tmp_path: Path, k: int) -> None:
    output, outcome = exported(tmp_path, "cf-vlm", k=k)
    found = lines(output)
    assert len(found) == 2
    for line in found:
        assert len(line["cf_samples"]) == k
        own = [s["cf_output"] for s in line["cf_samples"] if not s["is_repeat"]]
        assert len(own) == len(set(own)) == min(k, 2)
        assert {s["cf_output"] for s in line["cf_samples"]} == set(own)
    assert outcome.rows.get("repeated to fill up", 0) == 2 * max(0, k - 2)
