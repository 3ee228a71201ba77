"""What a person mistypes is explained in their own words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config.loading import load_config, nest
from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.runs.job import read_partition
from pipeline.shards.layout import RunLayout
from pipeline.sources import open_source


def test_a_near_miss_is_named() -> None:
    with pytest.raises(ConfigError, match=r"did you mean images\.steps"):
        load_config({"images.stepz": "3"}, environ={})


def test_a_bare_word_for_a_list_is_explained() -> None:
    with pytest.raises(ConfigError, match=r"list in JSON"):
        load_config({"edits.kinds": "count"}, environ={})


@pytest.mark.parametrize(
    "flat", [{"seed": "1", "seed.x": "3"}, {"images.steps": "3", "images": {"width_px": 64}}]
)
def test_a_value_and_a_section_of_one_name_clash(flat: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        nest(flat)


@pytest.mark.parametrize(
    "stored",
    [
        {},
        [
            {
                "shard_id": 1,
                "first_row": 0,
                "rows": 3,
                "cursor": "0",
                "duplicates": [],
                "first_rows": [],
            }
        ],
        [
            {
                "shard_id": 0,
                "first_row": 0,
                "rows": 0,
                "cursor": "0",
                "duplicates": [],
                "first_rows": [],
            }
        ],
    ],
)
def test_a_wrong_partition_is_no_empty_run(tmp_path: Path, stored: object) -> None:
    layout = RunLayout(tmp_path)
    layout.partition_json.write_text(json.dumps(stored) if stored else "{")
    with pytest.raises(ShardCorruptError, match=r"partition\.json"):
        read_partition(layout)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.csv", "tabular"), ("b.parquet", "tabular"), ("c.tar", "webdataset")]
)
def test_a_wrong_source_is_refused_with_the_right_one(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"caption,url\na dog,http://x\n")
    with pytest.raises(ConfigError, match=f"--source {kind}"):
        open_source(SourceConfig(kind="cc_tsv", input=str(path)))
