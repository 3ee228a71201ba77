"""COCO's captions find their pictures where COCO puts them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config.source import SourceConfig
from pipeline.sources import open_source
from tests.unit.sources.test_recognise import COCO


@pytest.mark.parametrize("place", ["annotations", "val2017", "images/val2017", "chosen"])
def test_pictures_beside_the_annotations(tmp_path: Path, make, place: str) -> None:
    (tmp_path / "annotations").mkdir()
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    (tmp_path / place / "7.jpg").write_bytes(make.picture())
    file = tmp_path / "annotations" / "captions_val2017.json"
    file.write_text(json.dumps(COCO))
    folder = str(tmp_path / place) if place == "chosen" else None

    source = open_source(SourceConfig(input=str(file), image_folder=folder, shard_size=2))
    rows = make.everything(source)

    assert source.has_images
    assert [make.outcome(row) for row in rows] == ["ok", "ok", "source.missing_image"]
    assert [(row.origin, row.url) for row in rows[:2]] == [
        ("captions_val2017.json:1", "http://e.x/7.jpg"),
        ("captions_val2017.json:2", "http://e.x/7.jpg"),
    ]
    assert rows[0].image == rows[1].image is not None


def test_captions_alone_and_the_first_of_each(tmp_path: Path, make) -> None:
    (tmp_path / "c.json").write_text(json.dumps(COCO))
    config = SourceConfig(input=str(tmp_path / "c.json"), captions="first")

    source = open_source(config)

    assert not source.has_images
    assert [row.caption for row in make.everything(source)] == ["a dog on a rug", "a cat"]
