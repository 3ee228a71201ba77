"""Spans and results of any format: each row once, read from anywhere, repeats found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.sources import ShardSpan, Source, open_source
from tests.unit.sources.inputs import mixed_lines

OpenTsv = Callable[..., Source]


@pytest.mark.parametrize("shard_size", [1, 7, 1000])
@pytest.mark.parametrize("limit", [None, 1, 50, 10_000])
def test_seeking_equals_reading_through(
    open_tsv: OpenTsv, make, shard_size: int, limit: int | None
) -> None:
    data = mixed_lines(120)
    through = make.everything(open_tsv(data, shard_size=100_000))[:limit]
    source = open_tsv(data, shard_size=shard_size, limit=limit)
    spans = list(source.partition())

    backwards = [list(source.read(span)) for span in reversed(spans)][::-1]

    assert [item for items in backwards for item in items] == through
    assert [span.shard_id for span in spans] == list(range(len(spans)))
    assert [span.first_row for span in spans] == [i * shard_size for i in range(len(spans))]
    assert [len(items) for items in backwards] == [span.rows for span in spans]


def test_a_repeat_is_rejected_and_names_the_first_row(open_tsv: OpenTsv, make) -> None:
    lines = [b"a\tu", b"b\tu", b"broken", b"a\tu", b"b\tv", b"broken", b"a\tu"]
    source = open_tsv(b"\n".join(lines), shard_size=2)

    spans = list(source.partition())
    results = make.everything(source)

    assert [(s.duplicates, s.first_rows) for s in spans] == [
        ((), ()),
        ((1,), (0,)),
        ((), ()),
        ((0,), (0,)),
    ]
    assert [make.outcome(r) for r in results] == [
        "ok", "ok", "source.columns", "source.duplicate", "source.same_caption", "source.columns",
        "source.duplicate",
    ]  # fmt: skip
    assert "row 1 of the input" in results[3].detail
    assert results[3].anchor_id == results[0].anchor_id


def test_what_repeats_is_read_back_with_its_reason(open_tsv: OpenTsv, make) -> None:
    lines = [b"a small dog sits by the old door\tu", b"a cat\tv", b"A CAT !\tw", b"a horse\tx"]
    lines += [b"a small dog sits by the open door\ty", b"a cat\tv"]
    runs = {"exclude": ("runs/one", "runs/two"), "near_duplicates": 0.7}
    source = open_tsv(b"\n".join(lines), shard_size=4, **runs)
    spans = list(source.partition(excluded=[["a fish"], ["A horse."]]))
    stored = [ShardSpan.from_json(span.to_json()) for span in spans]
    results = [result for span in stored for result in source.read(span)]
    assert stored == spans
    assert [make.outcome(result) for result in results] == [
        "ok", "ok", "source.same_caption", "source.excluded", "source.near_duplicate",
        "source.duplicate",
    ]  # fmt: skip
    assert "row 2 of the input" in results[2].detail
    assert "the run two" in results[3].detail
    assert "row 1 of the input" in results[4].detail


def test_an_id_depends_on_neither_place_nor_name(tmp_path: Path, make) -> None:
    rows = [f"caption {i}\tu{i}" for i in range(9)]
    (tmp_path / "one.tsv").write_text("\n".join(rows))
    (tmp_path / "two.tsv").write_text("\n".join(reversed(rows)))

    one, two = (
        {
            a.original_caption: a.anchor_id
            for a in make.everything(open_source(SourceConfig(input=str(tmp_path / name))))
        }
        for name in ("one.tsv", "two.tsv")
    )

    assert one == two
    assert len(set(one.values())) == 9


def test_progress_adds_up_to_the_rows(open_tsv: OpenTsv) -> None:
    source = open_tsv(mixed_lines(2345))
    seen: list[int] = []

    spans = list(source.partition(seen.append))

    assert sum(seen) == sum(span.rows for span in spans) == 2345
    assert len(seen) == 3


def test_an_input_that_lost_rows_is_noticed(open_tsv: OpenTsv) -> None:
    spans = list(open_tsv(mixed_lines(20), shard_size=8).partition())
    shorter = open_tsv(mixed_lines(18), shard_size=8)

    with pytest.raises(ConfigError, match="changed"):
        list(shorter.read(spans[2]))
    with pytest.raises(ConfigError, match="cursor"):
        list(shorter.read(ShardSpan(0, 0, 1, "7:0:1")))
