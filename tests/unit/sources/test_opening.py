"""An input whose format was not named is recognised, and the flag for it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.sources import open_source


@pytest.mark.parametrize(
    ("name", "kind"), [("a.csv", "tabular"), ("b.parquet", "tabular"), ("c.tar", "webdataset")]
)
def test_a_forgotten_source_is_named(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"caption,url\na dog,http://x\n")
    with pytest.raises(ConfigError, match=f"--source {kind}"):
        open_source(SourceConfig(input=str(path)))
