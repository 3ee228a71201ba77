"""Read by huggingface `datasets` itself."""

from __future__ import annotations

from pathlib import Path

import datasets
import numpy as np
import pytest
from PIL import Image

from pipeline.core.truth import assign_split
from pipeline.export.reading import ExportWishes
from pipeline.export.run import export_run
from tests.unit.export.exported_run import (
    CAUSE,
    CONTROL,
    DRAWN,
    EDIT_0,
    FULL_0,
    NEGATION,
    PHOTO,
    PHOTOGRAPH,
    UNSEEN,
    exported,
    write_run,
)


def grey(picture: Image.Image | None) -> int | None:
    return None if picture is None else int(round(np.asarray(picture).mean() / 40)) * 40


@pytest.mark.parametrize("weight", [None, 0.25])
def test_weights_of_edits_are_kept(tmp_path: Path, weight: float | None) -> None:
    output = tmp_path / "out"
    export_run(write_run(tmp_path / "run", weight=weight), "hf", output, ExportWishes())
    loaded = datasets.load_dataset(str(output), cache_dir=str(tmp_path))
    edits = [edit for split in loaded.values() for row in split for edit in row["edits"]]
    assert [edit["weight"] for edit in edits] == [weight] * 5


@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_reads_the_folder(tmp_path: Path, streaming: bool) -> None:
    output, _ = exported(tmp_path, "hf")
    loaded = datasets.load_dataset(str(output), cache_dir=str(tmp_path), streaming=streaming)
    assert set(loaded) == {assign_split(key) for key in (DRAWN, PHOTOGRAPH, UNSEEN)}
    rows = {row["key"]: row for split in loaded.values() for row in split}
    drawn, photo, unseen = (rows[key] for key in (DRAWN, PHOTOGRAPH, UNSEEN))
    assert (grey(drawn["image"]), drawn["photograph"]) == (CONTROL, None)
    assert [edit["pair_text"] for edit in drawn["edits"]] == ["a red car", NEGATION[0]]
    assert (grey(photo["image"]), grey(photo["photograph"])) == (CONTROL, PHOTO)
    attribute, causal = photo["edits"]
    assert grey(attribute["image"]) == EDIT_0
    assert (attribute["image_is_negative"], causal["image_is_negative"]) == (True, False)
    assert (causal["pair_text"], causal["caption"], causal["visible"]) == (*CAUSE, False)
    assert [(full["caption"], grey(full["image"])) for full in photo["fulls"]] == [
        ("a meadow in the sun", FULL_0)
    ]
    assert unseen["edits"][0]["image"] is None


def test_required_pictures_leave_sets_out(tmp_path: Path) -> None:
    output, outcome = exported(tmp_path, "hf", require_picture=True)
    assert outcome.rows == {"sets": 2}
    loaded = datasets.load_dataset(str(output), cache_dir=str(tmp_path))
    edits = [edit for split in loaded.values() for row in split for edit in row["edits"]]
    assert [edit["image_is_negative"] for edit in edits] == [True, True, True]


def test_other_words_are_no_counterfactuals(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", neutral={"two dogs": "dogs, two"})
    export_run(run, "hf", tmp_path / "out", ExportWishes())
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path))
    neutral = {row["key"]: row["neutral"] for split in loaded.values() for row in split}
    assert neutral[UNSEEN] == [{"variant": "neutral0", "kind": "order", "caption": "dogs, two"}]
    assert neutral[DRAWN] == neutral[PHOTOGRAPH] == []
