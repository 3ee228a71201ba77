from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.core.truth import PairTruth
from pipeline.export.formats.sugar_crepe import category_of
from pipeline.training.vlm.sample import Entry
from tests.unit.export.exported_run import CAUSE, CONTROL, NEGATION, exported, shown


def test_a_file_for_each_category(tmp_path: Path) -> None:
    output, outcome = exported(tmp_path, "sugar-crepe")
    found = {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(output.glob("*.json"))
    }
    texts = {
        name: [(item["caption"], item["negative_caption"]) for item in items.values()]
        for name, items in found.items()
    }
    assert texts == {
        "causal_order": [CAUSE],
        "negation": [NEGATION],
        "replace_att": [
            ("a red car", "a blue car"),
            ("a wet street", "a dry street"),
            ("two dogs", "three dogs"),
        ],
    }
    for items in found.values():
        assert list(items) == [str(number) for number in range(len(items))]
        for item in items.values():
            assert shown(output / "images" / item["filename"]) == CONTROL
    assert sum(outcome.rows.values()) == 5


@pytest.mark.parametrize(
    ("kind", "subkind", "category"),
    [
        ("object", "", "replace_obj"),
        ("action", "", "replace_rel"),
        ("swap", "roles", "swap_obj"),
        ("swap", "colour", "swap_att"),
        ("negation", "", "negation"),
    ],
)
def test_categories(kind: str, subkind: str, category: str) -> None:
    truth = PairTruth("a", None, None, False, True, True)
    assert category_of(Entry("min0", kind, subkind, "b", truth, None)) == category
