"""README.md of a finished run: read by the hub's own library, its code executed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from huggingface_hub import DatasetCard

from pipeline.config.loading import build_config
from pipeline.core.records import RenderedSet
from pipeline.dataset_card.write import write_dataset_card
from pipeline.shards.atomic import write_json
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import gather_manifest, read_manifest
from tests.integration.audit.painted_run import write_painted_run
from tests.integration.dataset_card.conftest import SETS
from tests.unit.shards.shard_records import make_set, store, store_run

pytestmark = pytest.mark.integration


def test_the_front_matter_is_what_the_hub_reads(layout: RunLayout) -> None:
    card = DatasetCard(layout.readme.read_text("utf-8"))
    assert card.data.license == "apache-2.0"
    assert card.data.size_categories == ["n<1K"]
    assert {"webdataset", "croissant", "counterfactual"} <= set(card.data.tags)
    assert card.data.configs == [{"config_name": "default", "data_files": "shards/*.tar"}]
    text = card.text
    assert f"{SETS} sets" in text
    assert "`count` | " in text
    assert "procedural world" in text


def test_names_and_licences_are_text_and_never_markup(tmp_path: Path) -> None:
    layout = write_painted_run(tmp_path / "run", 2, shards=1)
    record = json.loads(layout.run_json.read_text("utf-8"))
    record["config"]["source.name"] = 'a "name": [x](y) <script>\n---\n# no heading'
    record["config"]["source.license"] = "ask us: first!\n---\nlicense: mit"
    record["config"]["source.input"] = "/home/someone/secret/captions.tsv"
    write_json(layout.run_json, record)
    manifest = read_manifest(layout)
    assert manifest is not None
    write_dataset_card(layout, manifest)
    text = layout.readme.read_text("utf-8")
    card = DatasetCard(text)
    assert card.data.license == "other"
    assert card.data.license_name == "ask-us-first-license-mit"
    assert card.data.pretty_name.startswith('a "name": [x](y) <script>\n---\n# no heading')
    body = card.text
    assert "<script>" not in body.replace("\\<", "")
    assert "\n# no heading" not in body
    assert "/home/someone" not in text + layout.croissant_json.read_text("utf-8")


def test_the_card_says_whom_the_run_suits(layout: RunLayout, tmp_path: Path) -> None:
    text = layout.readme.read_text("utf-8")
    assert "read `jpg` and `txt` as they are" in text
    assert "no pictures" not in text
    features = DatasetCard(text).data.dataset_info["features"]
    assert {"name": "min0.jpg", "dtype": "image"} in features
    assert {"name": "json", "dtype": "json"} in features
    plain = RunLayout(tmp_path / "plain")
    store_run(plain, 1)
    store(plain, 0, [RenderedSet(make_set(0))])
    write_json(plain.run_json, {"config": build_config({}).product()})
    write_dataset_card(plain, gather_manifest(plain, "f", [0]))
    card = DatasetCard(plain.readme.read_text("utf-8"))
    assert "There are **no pictures** here" in card.text
    assert "for ever, without a word" in card.text
    assert {entry["dtype"] for entry in card.data.dataset_info["features"]} == {"json", "string"}
