"""A source is opened by its kind, or the right kind is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.sources import open_source
from tests.unit.sources.inputs import opened, write


def test_the_packaged_sample_opens_everywhere(make) -> None:
    source = open_source(SourceConfig())

    results = make.everything(source)

    assert len(results) == 400
    assert {make.outcome(r) for r in results} <= {"ok", "source.same_caption"}
    assert source.describe()["input"] == "sample:cc3m"


def test_the_sample_is_no_table() -> None:
    with pytest.raises(ConfigError, match="cc_tsv"):
        open_source(SourceConfig(kind="tabular"))


def test_what_cannot_be_a_table_is_an_error_at_once(tmp_path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"no parquet")
    (tmp_path / "t.xlsx").write_bytes(b"x")
    write(tmp_path / "n.parquet", [{"caption": 1}])
    write(tmp_path / "i.parquet", [{"caption": "a", "image": 1}])

    with pytest.raises(ConfigError, match="no readable parquet"):
        opened(tmp_path / "t.parquet")
    with pytest.raises(ConfigError, match=r"must end in \.parquet"):
        opened(tmp_path / "t.xlsx")
    with pytest.raises(ConfigError, match="int64, not text"):
        opened(tmp_path / "n.parquet")
    with pytest.raises(ConfigError, match="images must be bytes"):
        opened(tmp_path / "i.parquet", image_column="image")
    with pytest.raises(ConfigError, match="mixes"):
        opened(tmp_path / "t.{parquet,xlsx}")


@pytest.mark.parametrize(
    ("name", "kind"), [("a.csv", "tabular"), ("b.parquet", "tabular"), ("c.tar", "webdataset")]
)
def test_a_wrong_source_is_refused_with_the_right_one(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"caption,url\na dog,http://x\n")
    with pytest.raises(ConfigError, match=f"--source {kind}"):
        open_source(SourceConfig(kind="cc_tsv", input=str(path)))
