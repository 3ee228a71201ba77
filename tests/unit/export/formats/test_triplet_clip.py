"""Read as TripletCLIP's own loader does: webdataset, four named fields."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import webdataset

from pipeline.export.formats import triplet_clip
from tests.unit.export.exported_run import (
    CONTROL,
    EDIT_0,
    EDIT_1,
    FULL_0,
    NEGATION,
    exported,
    shown,
)

FIELDS = ("image", "caption", "neg_image", "neg_caption")

# webdataset leaves the files that it opened to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def read(output: Path) -> list[tuple[int, str, int, str]]:
    tars = sorted(str(path) for path in output.glob("shard-*.tar"))
    dataset = webdataset.WebDataset(tars, shardshuffle=False).to_tuple(*FIELDS)
    found = [(shown(a), b.decode(), shown(c), d.decode()) for a, b, c, d in dataset]
    gc.collect()  # while the warnings of this test are in force
    return found


def test_only_pictures_that_contradict_are_negatives(tmp_path: Path) -> None:
    output, outcome = exported(tmp_path, "triplet-clip")
    assert read(output) == [
        (CONTROL, "a red car", EDIT_0, "a blue car"),
        (CONTROL, NEGATION[0], EDIT_1, NEGATION[1]),
        (CONTROL, "a wet street", EDIT_0, "a dry street"),
        (CONTROL, "a wet street", FULL_0, "a meadow in the sun"),
    ]
    assert outcome.left_out == {"counterfactuals without a picture that contradicts": 2}


def test_shards_have_numbers_without_gaps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triplet_clip, "SHARD_SAMPLES", 2)
    output, outcome = exported(tmp_path, "triplet-clip")
    assert sorted(path.name for path in output.iterdir()) == ["shard-0.tar", "shard-1.tar"]
    assert outcome.rows == {"samples": 4, "shards": 2}
    assert len(read(output)) == 4
