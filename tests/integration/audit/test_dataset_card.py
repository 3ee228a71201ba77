"""The dataset card of a finished run: read by Croissant's own library, its code executed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import DatasetCard

from pipeline.dataset_card.write import write_dataset_card
from pipeline.shards.atomic import write_json
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from pipeline.shards.reader import iterate_samples
from pipeline.shards.verify import verify_run
from tests.integration.audit.painted_run import write_painted_run

pytestmark = pytest.mark.integration

SETS = 12


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    return write_painted_run(tmp_path_factory.mktemp("card") / "run", SETS)


def test_equal_runs_have_equal_cards_wherever_they_lie(layout: RunLayout, tmp_path: Path) -> None:
    other = write_painted_run(tmp_path / "elsewhere", SETS)
    assert other.readme.read_bytes() == layout.readme.read_bytes()
    assert other.croissant_json.read_bytes() == layout.croissant_json.read_bytes()
    for text in (layout.readme.read_text("utf-8"), layout.croissant_json.read_text("utf-8")):
        assert str(layout.root) not in text
    assert verify_run(layout) == []


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


def test_the_code_of_the_card_runs_and_sees_every_set(layout: RunLayout) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", layout.readme.read_text("utf-8"), re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=layout.root, capture_output=True, text=True, check=True
    )
    for sample in iterate_samples(layout):
        assert f"{sample.key} {sample.document.caption}\n" in done.stdout
        assert sample.document.minimal[0].caption in done.stdout
    assert done.stdout.count("PIL.Image") == SETS


_READ = """
import json, sys, warnings
warnings.simplefilter("ignore")
import mlcroissant
dataset = mlcroissant.Dataset(jsonld=sys.argv[1])
issues = dataset.metadata.issues
found = {"errors": sorted(issues.errors)}
for name in ("items", "captions", "pictures"):
    rows = [{k.split("/")[-1]: v for k, v in row.items()} for row in dataset.records(name)]
    for row in rows:
        picture = row.get("content")
        if hasattr(picture, "size"):
            row["content"] = list(picture.size)
    found[name] = rows
print(json.dumps(found, default=bytes.decode))
"""


def test_croissant_is_valid_and_gives_back_captions_pictures_and_items(
    layout: RunLayout, tmp_path: Path
) -> None:
    """In a process of its own: the library keeps unpacked archives under a shared name."""
    pytest.importorskip("mlcroissant")
    environ = {**os.environ, "CROISSANT_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(layout.croissant_json)],
        capture_output=True, text=True, check=True, env=environ,
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == []
    captions = {(row["anchor_id"], row["field"]): row["content"] for row in found["captions"]}
    pictures = {(row["anchor_id"], row["field"]): row["content"] for row in found["pictures"]}
    assert len(captions) == len(pictures) == 2 * SETS
    for sample in iterate_samples(layout):
        assert captions[sample.key, "txt"] == sample.document.caption
        assert captions[sample.key, "min0.txt"] == sample.document.minimal[0].caption
        assert pictures[sample.key, "jpg"] == [128, 128]
        assert pictures[sample.key, "min0.jpg"] == [128, 128]
    made = [row for row in found["items"] if row["status"] == "made"]
    assert sum(row["item"] == "edit" for row in made) == SETS


def test_croissant_names_every_file_with_its_checksum(layout: RunLayout) -> None:
    manifest = read_manifest(layout)
    assert manifest is not None
    described = json.loads(layout.croissant_json.read_text("utf-8"))
    named = {
        entry["contentUrl"]: entry["sha256"]
        for entry in described["distribution"]
        if entry["@type"] == "cr:FileObject"
    }
    assert named == {file.path: file.sha256 for r in manifest.shards for file in r.files}


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
