"""croissant.json of a finished run, read by the library of its makers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from pipeline.shards.reader import iterate_samples
from tests.integration.dataset_card.conftest import SETS

pytestmark = pytest.mark.integration


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
