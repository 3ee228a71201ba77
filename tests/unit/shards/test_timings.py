"""Times are kept beside the run, and count only for the files that are there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import ShardReceipt
from pipeline.shards.timings import TimingsLog, read_efforts, timings_file
from tests.unit.shards.shard_records import shard_results, store


@pytest.fixture
def layout(tmp_path: Path) -> RunLayout:
    return RunLayout(tmp_path / "run")


@pytest.fixture
def receipt(layout: RunLayout) -> ShardReceipt:
    return store(layout, 0, shard_results(0))


def test_what_is_appended_is_read(layout: RunLayout, receipt: ShardReceipt) -> None:
    log = TimingsLog(timings_file(layout))
    assert log.append(0, "captions", 2.5, {"rows": receipt.counts.rows}) is None
    assert log.append(0, "images", 36.0, {"images": receipt.counts.images}) is None
    captions, images = read_efforts(layout, [receipt], on_gpu=True)
    assert (captions.stage, captions.seconds, captions.items) == ("captions", 2.5, 4)
    assert captions.gpu_hours is None
    assert (images.stage, images.items) == ("images", receipt.counts.images)
    assert images.gpu_hours == 0.01
    assert timings_file(layout).parent == layout.root.parent, "beside the run, not in it"


def test_times_are_of_the_files_that_are_there(layout: RunLayout, receipt: ShardReceipt) -> None:
    made = receipt.counts.images
    lines = [
        {"shard": 0, "stage": "images", "seconds": 99.0, "images": made + 1},  # another run
        {"shard": 0, "stage": "images", "seconds": 50.0, "images": made},  # made before
        {"shard": 0, "stage": "images", "seconds": 36.0, "images": made},
        {"shard": 7, "stage": "images", "seconds": 1.0, "images": 1},  # no such shard
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines) + '{"shard": 0, "st'
    timings_file(layout).write_text(text)
    (effort,) = read_efforts(layout, [receipt], on_gpu=False)
    assert (effort.shards, effort.seconds, effort.items) == (1, 36.0, made)
    assert effort.gpu_hours is None


def test_without_a_file_there_are_no_times(layout: RunLayout, receipt: ShardReceipt) -> None:
    assert read_efforts(layout, [receipt], on_gpu=True) == ()


def test_a_file_that_cannot_be_written_is_named_once_and_stops_nothing(tmp_path: Path) -> None:
    log = TimingsLog(tmp_path / "no folder" / "run.timings.jsonl")
    assert "timings are not kept" in (log.append(0, "captions", 1.0, {}) or "")
    assert log.append(1, "captions", 1.0, {}) is None
