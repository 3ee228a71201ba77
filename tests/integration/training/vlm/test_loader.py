"""The loader over real tars and real DataLoader workers: each set once, and exactly resumable."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
from torch.utils.data import DataLoader

from pipeline.core.errors import ConfigError
from pipeline.training.vlm.loader import CounterfactualDataset, make_loader
from tests.integration.training.vlm.streams import ALL, keys, to_array

pytestmark = pytest.mark.integration


ROOT = Path(__file__).resolve().parents[4]


def test_every_set_comes_once_and_in_another_order_each_epoch(run: Path) -> None:
    dataset = CounterfactualDataset(run, pictures="none", shuffle_buffer=8)
    first = keys(dataset)
    assert sorted(first) == ALL
    assert first != ALL
    assert keys(dataset) == first, "the same epoch is the same order"
    dataset.set_epoch(1)
    second = keys(dataset)
    assert sorted(second) == ALL
    assert second != first
    assert keys(CounterfactualDataset(run, shuffle_buffer=0)) == ALL
    other = CounterfactualDataset(run, pictures="none", shuffle_buffer=8, seed=1)
    assert keys(other) != first


def test_a_set_is_what_the_sample_says(run: Path) -> None:
    dataset = CounterfactualDataset(run, shuffle_buffer=0)
    one = list(dataset)[9]
    assert (one.caption, one.image_variant, len(one.fulls)) == ("a red car, number 9", "control", 1)
    assert [(e.variant, e.kind, e.image_is_negative, e.contradicts_caption) for e in one.edits] == [
        ("min0", "attribute", True, True),
        ("min1", "negation", True, True),
        ("min2", "causal_order", False, False),
        ("min3", "count", False, True),
    ]
    assert one.edits[1].pair_text == "a red car, number 9, and a negation wording"
    assert one.edits[0].pair_text == one.caption
    assert one.edits[3].image is None, "it was not drawn"
    means = [np.asarray(picture).mean() for picture in (one.image, one.edits[0].image)]
    assert means == pytest.approx([2.5, 12.5], abs=1.5), "each picture is its own"


def test_a_dataset_alone_resumes_too(run: Path) -> None:
    dataset = CounterfactualDataset(run, pictures="none", shuffle_buffer=4)
    expected = keys(dataset)
    stream = iter(dataset)
    before = [next(stream).key for _ in range(9)]
    resumed = CounterfactualDataset(run, pictures="none", shuffle_buffer=4)
    resumed.load_state_dict(json.loads(json.dumps(dataset.state_dict())))
    assert before + keys(resumed) == expected
    assert keys(resumed) == expected, "only the first iteration begins in the middle"


def test_a_state_of_other_settings_is_refused_by_name(run: Path) -> None:
    state = make_loader(CounterfactualDataset(run, max_edits=2), batch_size=2).state_dict()
    other = make_loader(CounterfactualDataset(run, max_edits=3), batch_size=4)
    with pytest.raises(ConfigError, match=r"batch_size \(was 2, is 4\), max_edits \(was 2, is 3\)"):
        other.load_state_dict(state)


def test_resampled_never_ends_and_gives_all(run: Path) -> None:
    dataset = CounterfactualDataset(
        run, pictures="none", resampled=True, rank=7, world_size=9, shuffle_buffer=4
    )
    found = Counter(one.key for one in islice(dataset, 300))
    assert sorted(found) == ALL
    other = CounterfactualDataset(
        run, pictures="none", resampled=True, rank=8, world_size=9, shuffle_buffer=4
    )
    assert [one.key for one in islice(other, 20)] != [one.key for one in islice(dataset, 20)]


def test_pictures_required(run: Path, text_run: Path) -> None:
    sets = list(CounterfactualDataset(run, pictures="required", transform=to_array))
    assert len(sets) == 22
    assert all(one.image is not None for one in sets)
    edits = [edit for one in sets for edit in one.edits]
    assert {edit.kind for edit in edits} == {"attribute", "negation", "count"}
    assert all(edit.image is not None and edit.image_is_negative for edit in edits)
    with pytest.warns(UserWarning, match="none of 10 samples has what is asked for"):
        assert not list(CounterfactualDataset(text_run, pictures="required"))


def test_beside_a_photograph_no_drawn_edit_is_a_negative(photograph_run: Path) -> None:
    def edits(anchor: Any) -> tuple[set[bool], set[float]]:
        dataset = CounterfactualDataset(photograph_run, anchor=anchor, kinds=["attribute"])
        sets = list(dataset)
        assert len(sets) == 6
        negative = {edit.image_is_negative for one in sets for edit in one.edits}
        return negative, {round(float(np.asarray(one.image).mean()), -1) for one in sets}

    assert edits("control") == ({True}, {0.0})
    assert edits("factual") == ({False}, {200.0})
    assert edits("either") == ({True, False}, {0.0, 200.0})


def test_top_up_repeats_and_says_so(run: Path) -> None:
    dataset = CounterfactualDataset(run, pictures="none", max_edits=4, top_up=True)
    sets = list(dataset)
    assert len(sets) == 22
    assert {len(one.edits) for one in sets} == {4}
    for one in sets:
        own = [edit.variant for edit in one.edits if not edit.is_repeat]
        assert len(own) == len(set(own)) == min(4, int(one.key, 16) % 5 or 1)
        assert {edit.variant for edit in one.edits} == set(own)


def test_a_split_parts_the_anchors(run: Path) -> None:
    parts = {
        split: set(keys(CounterfactualDataset(run, pictures="none", split=split)))
        for split in ("train", "validation", "test")
        if split == "train"
    }
    whole = list(CounterfactualDataset(run, pictures="none"))
    assert parts["train"] == {one.key for one in whole if one.split == "train"}
    assert 15 <= len(parts["train"]) <= 22


def test_addresses_of_fsspec(run: Path) -> None:
    memory = fsspec.filesystem("memory")
    for tar in (run / "shards").iterdir():
        memory.pipe_file(f"/bucket/run/shards/{tar.name}", tar.read_bytes())
    local = keys(CounterfactualDataset(run))
    assert keys(CounterfactualDataset("memory://bucket/run")) == local
    braces = "memory://bucket/run/shards/{000000..000004}.tar"
    assert keys(CounterfactualDataset(braces)) == local


def test_a_plain_dataloader_takes_the_dataset(run: Path) -> None:
    dataset = CounterfactualDataset(run, pictures="none", max_edits=1)
    loader = DataLoader(dataset, batch_size=None, num_workers=2)  # type: ignore[arg-type]
    assert sorted(one.key for one in loader) == ALL


def test_webdataset_s_loader_takes_it(run: Path) -> None:
    import webdataset

    dataset = CounterfactualDataset(run, pictures="none")
    loader = webdataset.WebLoader(dataset, batch_size=None, num_workers=2)
    assert sorted(one.key for one in loader) == ALL


LEAN = """
import importlib.abc, sys
allowed = {"numpy", "PIL", "fsspec", "braceexpand", "pipeline"} | set(sys.stdlib_module_names)
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed and not name.startswith("_"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
from pipeline.core.errors import ConfigError
from pipeline.training.vlm.loader import CounterfactualDataset, make_loader
sets = list(CounterfactualDataset(sys.argv[1], transform=lambda p: p.size, max_edits=2))
print(len(sets), sets[0].image, sorted(n for n in sys.modules if n in {"torch", "pydantic"}))
"""


def test_it_needs_numpy_pillow_and_fsspec_only(run: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", LEAN, str(run)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.split() == ["22", "(32,", "32)", "[]"], result.stderr
