"""What the tables share: parquet, csv and jsonl give the same anchors from the same rows."""

from __future__ import annotations

import pytest

from pipeline.core.errors import ConfigError
from pipeline.core.ids import content_id
from tests.unit.sources.inputs import FORMATS, mixed_rows, opened, write


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("shard_size", [1, 7, 1000])
def test_seeking_equals_reading_through(tmp_path, make, suffix: str, shard_size: int) -> None:
    path = write(tmp_path / f"t.{suffix}", mixed_rows(40))
    through = make.everything(opened(path, url_column="link"))
    source = opened(path, url_column="link", shard_size=shard_size)

    backwards = [list(source.read(span)) for span in reversed(list(source.partition()))][::-1]

    assert [item for items in backwards for item in items] == through
    assert len(through) == 40
    assert through[1].caption == 'say "1", so'
    assert through[1].original_caption == 'say "1",\nso'
    assert through[1].origin == f"t.{suffix}:2"
    assert through[3].reason == "source.empty_caption"
    assert through[32].reason == "source.duplicate"
    assert "row 22 of" in through[32].detail


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_the_same_ids(tmp_path, make, suffix: str) -> None:
    path = write(tmp_path / f"t.{suffix}", mixed_rows(10))

    results = make.everything(opened(path, url_column="link", limit=2))

    assert [r.anchor_id for r in results] == [
        content_id("tabular", f'say "{i}",\nso', "url", f"u{i}") for i in range(2)
    ]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_missing_column_is_an_error_that_lists_those_that_exist(tmp_path, suffix: str) -> None:
    path = write(tmp_path / f"t.{suffix}", mixed_rows(3))

    for setting in ("caption_column", "image_column", "url_column"):
        with pytest.raises(ConfigError, match=rf"'text'.*'caption', 'link'.*source\.{setting}"):
            opened(path, **{setting: "text"})


FORMATS = ("parquet", "csv", "tsv", "jsonl", "csv.gz", "jsonl.gz")
