"""What an export sees of a set: true pictures, and counterfactuals that are asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.core.truth import assign_split
from pipeline.export.reading import ExportSet, ExportWishes, open_sets
from tests.unit.export.exported_run import DRAWN, PHOTOGRAPH, UNSEEN, write_run


def read(tmp_path: Path, **wishes: object) -> dict[str, ExportSet]:
    run = write_run(tmp_path / "run")
    return {one.key: one for one in open_sets(run, ExportWishes(**wishes))}  # type: ignore[arg-type]


def test_every_set_is_read(tmp_path: Path) -> None:
    assert list(read(tmp_path)) == [DRAWN, PHOTOGRAPH, UNSEEN]


def test_an_edit_compares_with_what_it_was_drawn_beside(tmp_path: Path) -> None:
    one = read(tmp_path)[PHOTOGRAPH]
    files = one.described.image_files
    assert files["control"] != files["factual"]
    assert one.true_pictures() == (files["control"], files["factual"])
    assert {one.pair_picture(entry) for entry in (*one.edits, *one.fulls)} == {files["control"]}


def test_a_picture_of_the_factual_scene_is_no_own_picture(tmp_path: Path) -> None:
    one = read(tmp_path)[PHOTOGRAPH]
    attribute, causal = one.edits
    assert one.own_picture(attribute) == attribute.file
    assert one.own_picture(causal) is None
    assert one.own_picture(one.fulls[0]) == one.fulls[0].file


def test_kinds_and_pictures_are_chosen(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    reader = open_sets(run, ExportWishes(frozenset({"attribute", "causal_order"}), None, True))
    found = {one.key: [edit.kind for edit in one.edits] for one in reader}
    assert found == {DRAWN: ["attribute"], PHOTOGRAPH: ["attribute"], UNSEEN: []}
    assert reader.left_out == {
        "counterfactuals of other kinds": 3,
        "counterfactuals without a picture that contradicts": 1,
    }


def test_full_is_a_kind(tmp_path: Path) -> None:
    found = read(tmp_path, kinds=frozenset({"full"}))
    assert [(len(one.edits), len(one.fulls)) for one in found.values()] == [(0, 0), (0, 1), (0, 0)]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_split_is_that_of_the_anchor_id(tmp_path: Path, split: str) -> None:
    keys = [key for key in (DRAWN, PHOTOGRAPH, UNSEEN) if assign_split(key) == split]
    assert list(read(tmp_path, split=split)) == keys


@pytest.mark.parametrize("wishes", [{"kinds": frozenset({"colour"})}, {"split": "dev"}])
def test_what_cannot_be_is_said(wishes: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="there are"):
        ExportWishes(**wishes)  # type: ignore[arg-type]


def test_an_edit_is_exported_in_the_share_that_its_weight_wants(tmp_path: Path) -> None:
    reader = open_sets(write_run(tmp_path / "run"), ExportWishes())
    (edit, *_) = next(iter(reader)).edits
    drawn = {
        weight: sum(
            reader._is_drawn(f"{number:020d}", replace(edit, weight=weight))
            for number in range(400)
        )
        for weight in (1.0, 0.25, 0.0001)
    }
    reader.keeps_weights = True
    assert reader._is_drawn("0", replace(edit, weight=1e-9))
    assert drawn[1.0] == 400
    assert 70 < drawn[0.25] < 130
    assert drawn[0.0001] <= 1
    assert reader.left_out.total() == 1200 - sum(drawn.values())
