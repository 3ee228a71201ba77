"""Datasets through their own library: saved to disk, as folders, and out of reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError, TransientError
from pipeline.core.records import Anchor
from pipeline.sources import Source, open_source

datasets = pytest.importorskip("datasets")

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))


def saved(tmp_path: Path, make) -> Path:
    (tmp_path / "1.jpg").write_bytes(make.picture(shade=170))
    data = datasets.Dataset.from_dict(
        {
            "image": [{"bytes": make.picture("png"), "path": "a.png"},
                      {"bytes": None, "path": str(tmp_path / "1.jpg")}, None],
            "captions": [["a dog", "a wet dog"], ["a cat"], ["a rug"]],
            "n": [1, 2, 3],
        },
        features=datasets.Features(
            {"image": datasets.Image(), "captions": [datasets.Value("string")],
             "n": datasets.Value("int64")}
        ),
    )  # fmt: skip
    datasets.DatasetDict({"validation": data}).save_to_disk(str(tmp_path / "saved"))
    return tmp_path / "saved"


def read(source: Source) -> list[Anchor]:
    spans = list(source.partition())
    rows = [row for span in spans for row in source.read(span)]
    backwards = [list(source.read(span)) for span in reversed(spans)][::-1]
    assert [row for part in backwards for row in part] == rows
    return rows


def test_a_saved_dataset_with_pictures_and_lists(tmp_path: Path, make) -> None:
    folder = saved(tmp_path, make)
    config = SourceConfig(input=str(folder), split="validation", shard_size=2)
    source = open_source(config)

    rows = read(source)

    assert source.has_images
    assert [(row.origin, row.caption) for row in rows] == [
        ("saved:validation:1#1", "a dog"), ("saved:validation:1#2", "a wet dog"),
        ("saved:validation:2", "a cat"), ("saved:validation:3", "a rug"),
    ]  # fmt: skip
    assert [row.image and row.image.extension for row in rows] == ["png", "png", "jpg", None]
    assert source.describe()["fingerprint"] == open_source(config).describe()["fingerprint"]


def test_a_folder_that_datasets_knows(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.jsonl").write_text('{"text": "a dog"}\n{"text": "a cat"}\n')

    rows = read(open_source(SourceConfig(kind="hf", input=str(tmp_path / "data"))))

    assert [row.caption for row in rows] == ["a dog", "a cat"]


def test_a_wrong_split_or_column_is_one_sentence(tmp_path: Path, make) -> None:
    folder = saved(tmp_path, make)

    with pytest.raises(ConfigError, match="no split 'train'"):
        open_source(SourceConfig(input=str(folder)))
    with pytest.raises(ConfigError, match="its columns are 'image', 'captions', 'n'"):
        open_source(SourceConfig(input=str(folder), split="validation", caption_column="title"))
    with pytest.raises(ConfigError, match="cannot be loaded"):
        open_source(SourceConfig(kind="hf", input=str(tmp_path / "nothing")))


@pytest.mark.parametrize("offline", [True, False])
def test_a_hub_out_of_reach_is_one_sentence(monkeypatch: pytest.MonkeyPatch, offline: bool) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")

    with pytest.raises(TransientError, match="hub cannot be reached") as caught:
        open_source(SourceConfig(kind="hf", input="nobody/nothing-of-this-name"))

    assert "\n" not in str(caught.value)
    assert "nobody/nothing-of-this-name" in str(caught.value)
