"""Rows that repeat are left out and counted, whoever works on it; so are captions of other runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.loading import load_config
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError
from pipeline.runs.rank import Rank
from pipeline.runs.run import run_config
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from pipeline.shards.sidecar import read_sidecar
from pipeline.shards.verify import verify_run
from tests.integration.runs.test_run import files_of

pytestmark = pytest.mark.integration

CAPTIONS = [
    "a red car stands in front of the old wooden house",
    "two dogs run across a green field in the morning",
    "a woman in a blue dress holds a black umbrella",
    "A red car stands in front of the old wooden house .",
    "a red car stands in front of the old stone house",
    "a man rides a brown horse along the beach",
]


def config_of(folder: Path, name: str, captions: list[str], **settings: object) -> RunConfig:
    source = folder / f"{name}.tsv"
    rows = [f"{caption}\thttp://example.org/{i}.jpg" for i, caption in enumerate(captions)]
    source.write_text("\n".join(rows), "utf-8")
    flags = {"source.input": str(source), "source.shard_size": 2, "output": str(folder / name)}
    return load_config({**flags, **settings}, environ={})


def test_repeats_are_left_out_of_a_run_and_of_the_next(tmp_path: Path) -> None:
    first = config_of(tmp_path, "first", CAPTIONS[1:3])
    assert run_config(first, {}).manifest is not None
    config = config_of(
        tmp_path, "whole", CAPTIONS,
        **{"source.near_duplicates": 0.8, "source.exclude": [str(tmp_path / "first")]},
    )  # fmt: skip
    manifest = run_config(config, {}).manifest
    assert manifest is not None
    assert verify_run(RunLayout(tmp_path / "whole")) == []
    expected = {"source.excluded": 2, "source.same_caption": 1, "source.near_duplicate": 1}
    assert {k: v for k, v in manifest.counts.rejected.items() if k in expected} == expected
    assert manifest.counts.rows == 6
    details = {
        row.reason: row.detail or ""
        for shard_id in range(3)
        for row in read_sidecar(RunLayout(tmp_path / "whole").sidecar(shard_id))
        if row.reason in expected
    }
    assert "the run first" in details["source.excluded"]
    assert "row 1 of the input" in details["source.same_caption"]
    assert "row 1 of the input" in details["source.near_duplicate"]

    ranks = config.model_copy(update={"output": str(tmp_path / "ranks")})
    for number in (1, 0):
        run_config(ranks, {}, rank=Rank(number, 2, number))
    assert files_of(tmp_path / "ranks") == files_of(tmp_path / "whole")


def test_what_is_excluded_must_be_finished_before_anything_is_written(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    config = config_of(tmp_path, "run", CAPTIONS, **{"source.exclude": [missing]})
    with pytest.raises(ConfigError, match="no finished run"):
        run_config(config, {})
    assert not (tmp_path / "run").exists()
    assert read_manifest(RunLayout(tmp_path / "run")) is None
