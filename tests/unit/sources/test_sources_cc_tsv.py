"""Conceptual Captions files: every line gives one result, whatever stands on it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.ids import content_id
from pipeline.core.records import Anchor
from pipeline.core.stage import Rejected
from pipeline.sources import ShardSpan, Source, open_source

OpenTsv = Callable[..., Source]


def test_an_anchor_keeps_the_original_and_its_place(open_tsv: OpenTsv, make) -> None:
    source = open_tsv(b"a dog 's toy .\thttp://x/1.jpg\n")

    (anchor,) = make.everything(source)

    assert anchor == Anchor(
        anchor_id=content_id("cc_tsv", "a dog 's toy .", "http://x/1.jpg"),
        caption="a dog's toy.",
        original_caption="a dog 's toy .",
        source="cc_tsv",
        origin="captions.tsv:1",
        url="http://x/1.jpg",
    )


BAD_ROWS = [
    (b"only a caption", "source.columns"),
    (b"a\tb\tc", "source.columns"),
    (b'"a\tb"\tc', "source.columns"),
    (b"", "source.empty_caption"),
    (b"   ", "source.empty_caption"),
    (b"\thttp://x", "source.empty_caption"),
    (" \u200b \thttp://x".encode(), "source.empty_caption"),
    (b"word " * 300 + b"\thttp://x", "source.too_long"),
    (b"x" * 1_000_000 + b"\thttp://x", "source.too_long"),
    (b"a cat\thttp://" + b"x" * 9000, "source.too_long"),
    (b"a\x00cat\thttp://x", "source.control_chars"),
    (b"a cat\thttp://\x1bx", "source.control_chars"),
    ("a \u202ecat\thttp://x".encode(), "source.control_chars"),
    (b"caf\xe9\thttp://x", "source.undecodable_text"),
    (b"a \xed\xa0\x80 cat\thttp://x", "source.undecodable_text"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_ROWS)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_bad_row_is_a_reject_with_its_line_and_the_rest_goes_on(
    open_tsv: OpenTsv, make, line: bytes, reason: str, end: bytes
) -> None:
    source = open_tsv(b"a cat\tu1" + end + line + end + b"a dog\tu2")

    first, bad, last = make.everything(source)

    assert isinstance(bad, Rejected)
    assert (bad.reason, bad.origin, bad.item) == (reason, "captions.tsv:2", "anchor")
    assert bad.detail.startswith("captions.tsv:2: ")
    assert len(bad.detail) < 400
    assert (first.caption, last.caption, last.url) == ("a cat", "a dog", "u2")


def test_a_byte_order_mark_is_no_part_of_the_caption(open_tsv: OpenTsv, make) -> None:
    (anchor,) = make.everything(open_tsv(b"\xef\xbb\xbfa cat\tu\r\n"))

    assert (anchor.original_caption, anchor.url) == ("a cat", "u")


def mixed_lines(count: int) -> bytes:
    """Good rows, each seventh bad, each eleventh a repeat of row 1."""
    lines = []
    for i in range(count):
        if i % 7 == 3:
            lines.append(b"broken")
        elif i % 11 == 10:
            lines.append(b"caption 0\tu0")
        else:
            lines.append(f"caption {i}\tu{i}".encode())
    return b"\n".join(lines) + b"\n"


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
        "ok", "ok", "source.columns", "source.duplicate", "ok", "source.columns",
        "source.duplicate",
    ]  # fmt: skip
    assert "row 1 of the input" in results[3].detail
    assert results[3].anchor_id == results[0].anchor_id


def test_a_span_survives_json(open_tsv: OpenTsv, make) -> None:
    source = open_tsv(mixed_lines(40), shard_size=16)
    spans = list(source.partition())

    stored = [ShardSpan.from_json(json.loads(json.dumps(span.to_json()))) for span in spans]

    assert stored == spans
    with pytest.raises(ConfigError, match="partition"):
        ShardSpan.from_json({"shard_id": "one"})


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


def test_files_of_a_brace_pattern_follow_each_other(tmp_path: Path, make) -> None:
    for name, text in (("a", "one\tu1\ntwo\tu2\n"), ("b", "three\tu3\none\tu1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.tsv").write_text(text)
    config = SourceConfig(input=f"{tmp_path}/{{a,b}}/x.tsv", shard_size=3)

    results = make.everything(open_source(config))

    assert [r.origin for r in results] == ["a/x.tsv:1", "a/x.tsv:2", "b/x.tsv:1", "b/x.tsv:2"]
    assert make.outcome(results[3]) == "source.duplicate"


def test_gzip_reads_like_the_plain_file(tmp_path: Path, make) -> None:
    data = mixed_lines(60)
    (tmp_path / "captions.tsv").write_bytes(data)
    (tmp_path / "captions.tsv.gz").write_bytes(gzip.compress(data))

    plain, packed = (
        open_source(SourceConfig(input=str(tmp_path / name), shard_size=7))
        for name in ("captions.tsv", "captions.tsv.gz")
    )

    def facts(source: Source) -> list[tuple[str, str]]:
        return [(r.anchor_id, make.outcome(r)) for r in make.everything(source)]

    assert facts(packed) == facts(plain)
    assert (plain.describe()["seekable"], packed.describe()["seekable"]) == (True, False)


def test_a_cut_gzip_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "captions.tsv.gz"
    path.write_bytes(gzip.compress(mixed_lines(500))[:-40])

    with pytest.raises(PermanentError, match=r"captions\.tsv\.gz is a damaged gzip"):
        list(open_source(SourceConfig(input=str(path))).partition())


def test_an_input_that_lost_rows_is_noticed(open_tsv: OpenTsv) -> None:
    spans = list(open_tsv(mixed_lines(20), shard_size=8).partition())
    shorter = open_tsv(mixed_lines(18), shard_size=8)

    with pytest.raises(ConfigError, match="changed"):
        list(shorter.read(spans[2]))
    with pytest.raises(ConfigError, match="cursor"):
        list(shorter.read(ShardSpan(0, 0, 1, "7:0:1")))


def test_the_packaged_sample_opens_everywhere(make) -> None:
    source = open_source(SourceConfig())

    results = make.everything(source)

    assert len(results) == 400
    assert {make.outcome(r) for r in results} <= {"ok", "source.duplicate"}
    assert source.describe()["input"] == "sample:cc3m"


def test_a_changed_input_has_another_fingerprint(open_tsv: OpenTsv) -> None:
    first = dict(open_tsv(b"a cat\tu\n").describe())
    again = dict(open_tsv(b"a cat\tu\n").describe())
    other = dict(open_tsv(b"a dog\tu\n").describe())

    assert first == again
    assert first["fingerprint"] != other["fingerprint"]
    assert (first["kind"], first["files"], first["size_bytes"]) == ("cc_tsv", 1, 8)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("missing.tsv", "does not exist"),
        ("*.tsv", r"use \{000"),
        ("x{0..2.tsv", "a pattern looks like"),
        ("x{b}.tsv", "no list and no range"),
        ("x{a,a}.tsv", "twice"),
        ("empty.tsv", "is empty"),
        (".", "is a folder"),
        ("sample:coco", "sample:cc3m"),
        ("nosuch://bucket/x.tsv", "nosuch"),
        ("", "is empty"),
    ],
)
def test_an_input_that_cannot_be_opened_is_an_error_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.tsv").touch()

    with pytest.raises(ConfigError, match=message):
        open_source(SourceConfig(input=pattern))


def test_the_sample_is_no_table() -> None:
    with pytest.raises(ConfigError, match="cc_tsv"):
        open_source(SourceConfig(kind="tabular"))
