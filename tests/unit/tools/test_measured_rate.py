"""A rate is taken from a run on a GPU of the same settings, and from nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.loading import load_config
from pipeline.shards.atomic import write_json
from pipeline.shards.layout import RunLayout
from pipeline.shards.timings import TimingsLog, timings_file
from pipeline.tools.measured_rate import measured_picture_s
from tests.unit.shards.shard_records import shard_results, store


@pytest.mark.parametrize(
    ("device", "same", "seconds"),
    [("cuda", True, 2.5), ("cpu", True, None), ("cuda", False, None)],
)
def test_the_rate_of_a_run(tmp_path: Path, device: str, same: bool, seconds: float | None) -> None:
    config = load_config({"output": str(tmp_path / "run"), "images.renderer": "sdxl"}, environ={})
    assert measured_picture_s(config, 1) is None
    layout = RunLayout(tmp_path / "run")
    receipt = store(layout, 0, shard_results(0))
    assert receipt.counts.images > 0
    fingerprint = config.fingerprint if same else "0" * 16
    facts = {"config_fingerprint": fingerprint, "image_model": {"device": device}, "config": {}}
    write_json(layout.run_json, facts)
    assert measured_picture_s(config, 2) is None
    counts = {"images": receipt.counts.images}
    TimingsLog(timings_file(layout)).append(0, "images", 2.5 * receipt.counts.images, counts)
    assert measured_picture_s(config, 2) == seconds
