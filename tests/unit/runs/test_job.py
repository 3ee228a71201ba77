"""Where a run goes, and how its shards are read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.loading import load_config
from pipeline.config.run import RunConfig
from pipeline.runs.job import output_folder


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        ("sample:cc3m", "outputs/sample-cc3m"),
        ("data/cc3m_val.tsv.gz", "outputs/cc3m_val"),
        ("s3://bucket/cc12m/{00000..01242}.tar", "outputs/cc12m"),
        ("s3://bucket/shard-{000..012}.tar", "outputs/shard"),
        ("captions.parquet", "outputs/captions"),
    ],
)
def test_the_folder_is_named_after_the_input(given: str, folder: str) -> None:
    assert output_folder(load_config({"source.input": given}, environ={})) == Path(folder)


def test_an_output_wins() -> None:
    assert output_folder(RunConfig(output="x/y")) == Path("x/y")
