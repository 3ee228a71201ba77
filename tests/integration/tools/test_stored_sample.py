"""What the dry run says of the disk is what a run takes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.config.loading import load_config
from pipeline.runs.run import run_config
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from pipeline.shards.reader import iterate_samples
from pipeline.tools import stored_sample
from pipeline.tools.plan import estimate_run

pytestmark = pytest.mark.integration

PICTURES = {
    "images.renderer": "sdxl", "images.model": "builtin:tiny", "images.steps": 1,
    "images.width_px": 64, "images.height_px": 64, "images.device": "cpu",
}  # fmt: skip
TOLERANCE = 0.05
"""Of the bytes where all rows are in the sample: what a run has once is not counted."""


def planned_and_taken(folder: Path, rows: int, **more: object) -> tuple[int, int]:
    """Bytes that the dry run expects, and those of the run."""
    flags = {"source.limit": rows, "source.shard_size": 100, "output": str(folder / "run")}
    config = load_config({**flags, **more}, environ={})
    layout = RunLayout(folder / "run")
    if not layout.run_json.exists():
        assert (outcome := run_config(config, {})).manifest is not None
        assert outcome.manifest.counts.samples > 5
    manifest = read_manifest(layout)
    expected = estimate_run(config, environ={})
    assert manifest is not None
    assert expected.sampled == rows
    assert expected.anchors == manifest.counts.samples
    files = [path for path in layout.root.rglob("*") if path.is_file()]
    return expected.disk_bytes, sum(path.stat().st_size for path in files)


def test_captions_take_what_was_said(tmp_path: Path) -> None:
    planned, taken = planned_and_taken(tmp_path, 400)
    assert planned == pytest.approx(taken, rel=TOLERANCE)


def test_pictures_take_what_was_said_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned, taken = planned_and_taken(tmp_path, 60, **PICTURES)
    # A random network's small pictures are no photographs: one of them stands for all.
    first = next(iterate_samples(RunLayout(tmp_path / "run")))
    drawn = next(data for name, data in first.fields.items() if name.endswith("jpg"))
    with Image.open(io.BytesIO(drawn)) as picture:
        monkeypatch.setattr(stored_sample, "_FLAT", np.asarray(picture.convert("RGB")))
    monkeypatch.setattr(stored_sample, "JPEG_BITS_PER_PIXEL", 0.0)
    planned, taken = planned_and_taken(tmp_path, 60, **PICTURES)
    assert planned == pytest.approx(taken, rel=2 * TOLERANCE)
