"""Every file of tests/data/inputs: no traceback, and the right counts."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.config.source import SourceConfig
from pipeline.core.records import Anchor
from pipeline.core.stage import Rejected
from pipeline.sources import open_source

INPUTS = Path(__file__).parents[2] / "data" / "inputs"
NO_INPUTS = {"README.md", "lora_half_unknown.safetensors"}

# file → (kind that is recognised, anchors, of which with a picture, rejects by reason)
EXPECTED: dict[str, tuple[str, int, int, dict[str, int]]] = {
    "bom.csv": ("tabular", 1, 0, {}),
    "caps.jsonl": ("tabular", 2, 0, {}),
    "cc12m.tsv": ("cc_tsv", 2, 0, {}),
    "entity.jsonl": ("tabular", 2, 0, {}),
    "exif.tar": ("webdataset", 1, 1, {}),
    "hf.parquet": ("tabular", 1, 0, {}),
    "list.parquet": ("tabular", 2, 0, {}),
    # The last sample holds the same picture twice.
    "names.tar": ("webdataset", 3, 3, {"source.duplicate": 1}),
    "order.tar": ("webdataset", 2, 2, {}),
    "quote.tsv": ("tabular", 5, 0, {}),
    "sidecar.tar": ("webdataset", 2, 2, {}),
    "title.jsonl": ("tabular", 10, 0, {}),
    "twice.jsonl": ("tabular", 3, 0, {}),
}


def results(name: str, **settings: object) -> list[Anchor | Rejected]:
    config = SourceConfig.model_validate({"input": str(INPUTS / name), "shard_size": 2, **settings})
    source = open_source(config)
    spans = list(source.partition())
    through = [row for span in spans for row in source.read(span)]
    backwards = [list(source.read(span)) for span in reversed(spans)][::-1]
    assert [row for part in backwards for row in part] == through
    return through


def test_every_file_is_expected() -> None:
    files = {path.name for path in INPUTS.iterdir() if path.is_file()}

    assert files - NO_INPUTS == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_gives_what_is_in_it(name: str) -> None:
    kind, anchors, pictures, rejected = EXPECTED[name]

    for settings in ({}, {"kind": kind}):
        rows = results(name, **settings)

        good = [row for row in rows if isinstance(row, Anchor)]
        assert len(good) == anchors
        assert {row.source for row in good} == {kind}
        assert sum(row.image is not None for row in good) == pictures
        assert Counter(row.reason for row in rows if isinstance(row, Rejected)) == rejected


def test_captions_are_what_their_authors_meant() -> None:
    found = {name: [row.caption for row in results(name) if isinstance(row, Anchor)]
             for name in ("cc12m.tsv", "quote.tsv", "entity.jsonl", "list.parquet")}  # fmt: skip

    assert found["cc12m.tsv"] == ["a red trolley in the park", "a dog lying on a rug"]
    assert found["quote.tsv"][2:4] == [
        "three boats on a lake",
        "a white cat sitting on a wooden table",
    ]
    assert found["entity.jsonl"] == [
        "a dog's red ball on the green grass", "salt & pepper shakers on a wooden table",
    ]  # fmt: skip
    assert found["list.parquet"] == ["a dog lying on a rug", "a brown dog asleep"]
    assert len(results("list.parquet", captions="first")) == 1


def test_the_picture_that_lay_on_its_side_stands(tmp_path: Path) -> None:
    (anchor,) = results("exif.tar")

    with tarfile.open(INPUTS / "exif.tar") as archive:
        stored = archive.extractfile("a.jpg").read()
    sideways = np.asarray(Image.open(io.BytesIO(stored)).convert("RGB")).astype(int)
    upright = np.asarray(Image.open(io.BytesIO(anchor.image.data)).convert("RGB")).astype(int)
    assert np.abs(upright - np.rot90(sideways, -1)).mean() < 3


def test_the_picture_beside_the_table_is_found(tmp_path: Path) -> None:
    shutil.copy(INPUTS / "hf.parquet", tmp_path)
    Image.new("RGB", (8, 8)).save(tmp_path / "0.jpg")

    (anchor,) = results(str(tmp_path / "hf.parquet"), image_column="image")
    (missing,) = results("hf.parquet", image_column="image")

    assert anchor.image.width_px == 8
    assert missing.reason == "source.missing_image"


@pytest.mark.parametrize("name", ["cc12m.tsv", "quote.tsv", "names.tar", "list.parquet"])
def test_a_run_is_made_of_it(tmp_path: Path, name: str) -> None:
    from typer.testing import CliRunner

    from pipeline.cli.app import app

    answer = CliRunner().invoke(
        app,
        [
            "run",
            "-q",
            "--no-report",
            "--input",
            str(INPUTS / name),
            "--output",
            str(tmp_path / "r"),
        ],
    )

    assert answer.exit_code == 0, answer.output
    assert (tmp_path / "r" / "manifest.json").exists()
