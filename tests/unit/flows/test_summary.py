"""What Prefect shows of a finished run: every count, the times, and where it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flows.summary import artifact_key, headline, markdown
from pipeline.shards.counts import AnswerCounts, MadeRefused, ShardCounts
from pipeline.shards.integrity import FileDigest
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import Manifest, ShardReceipt
from pipeline.shards.timings import Effort


def manifest_of(counts: ShardCounts) -> Manifest:
    tar = FileDigest(path="shards/000000.tar", size_bytes=2048, sha256="0" * 64)
    sidecar = FileDigest(path="shards/000000.parquet", size_bytes=10, sha256="0" * 64)
    captions = FileDigest(path="captions/000000.jsonl", size_bytes=10, sha256="0" * 64)
    receipt = ShardReceipt(1, 0, captions, sidecar, tar, counts)
    return Manifest(1, "f" * 16, counts, (receipt,))


COUNTS = ShardCounts(
    rows=1400,
    samples=1200,
    rejected={"source.empty": 50, "edits.none": 150},
    edits={"count": MadeRefused(300, 4), "object": MadeRefused(900, 11)},
    full=MadeRefused(7, 2),
    refused={"text.not_single_edit": 17},
    images=12,
)
LAYOUT = RunLayout(Path("/data/runs/My Run_1"))


def test_it_says_what_was_made_and_refused_and_where_it_is() -> None:
    page = markdown(manifest_of(COUNTS), LAYOUT)
    assert "| minimal: count | 300 | 4 |" in page
    assert "| `edits.none` | 150 |" in page
    assert page.index("edits.none") < page.index("source.empty")
    assert "| `text.not_single_edit` | 17 |" in page
    assert "`/data/runs/My Run_1/shards`" in page
    assert "counterfactory verify '/data/runs/My Run_1'" in page
    assert "tokens" not in page


def test_tables_have_equal_columns() -> None:
    page = markdown(manifest_of(COUNTS), LAYOUT)
    tables = [block for block in page.split("\n\n") if block.startswith("|")]
    assert len(tables) == 3
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_it_says_how_long_each_half_took() -> None:
    efforts = (
        Effort("captions", 2, 50.0, 1400, "rows"),
        Effort("images", 2, 30.0, 12, "pictures kept", 0.0083),
    )
    page = markdown(manifest_of(COUNTS), LAYOUT, efforts)
    assert "| captions | 2 | 50.0 | 1,400 rows | 28.00 |  |" in page
    assert "| images | 2 | 30.0 | 12 pictures kept | 0.40 | 0.008 |" in page


def test_an_empty_run_has_a_page() -> None:
    page = markdown(Manifest(1, "f", ShardCounts(), ()), LAYOUT)
    assert "Every row of the input became a set." in page


def test_the_headline_counts_edits_of_all_kinds() -> None:
    line = headline(manifest_of(COUNTS), LAYOUT)
    assert line.startswith("1,200 sets from 1,400 rows: 1,200 minimal edits, 7 full")


@pytest.mark.parametrize(
    ("folder", "key"),
    [
        ("/data/My Run_1", "generate-cf-my-run-1"),
        ("outputs/sample-cc3m", "generate-cf-sample-cc3m"),
        ("/data/été", "generate-cf-t"),
        ("/data/___", "generate-cf"),
    ],
)
def test_keys_are_what_prefect_allows(folder: str, key: str) -> None:
    assert artifact_key(RunLayout(Path(folder))) == key


def test_a_language_models_answers_are_counted_where_one_was_asked() -> None:
    said = AnswerCounts(90, 4, {"llm.refused": 6}, 300, {"text.synonym": 20})
    page = markdown(manifest_of(replace(COUNTS, answers=said)), LAYOUT)
    assert "## Language model" in page
    for line in (
        "| captions asked about | 100 |", "| read when asked again | 4 |",
        "| captions lost: `llm.refused` | 6 |", "| refused: `text.synonym` | 20 |",
    ):  # fmt: skip
        assert line in page
    assert "## Language model" not in markdown(manifest_of(COUNTS), LAYOUT)
