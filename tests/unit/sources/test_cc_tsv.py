"""Which column holds the caption is told from what stands in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.core.ids import content_id
from pipeline.core.records import Anchor
from pipeline.core.stage import Rejected
from pipeline.sources import Source

OpenTsv = Callable[..., Source]
INPUTS = Path(__file__).parents[2] / "data" / "inputs"


@pytest.mark.parametrize(
    "lines",
    [
        ["a dog\thttp://e.x/1.jpg", "a cat\thttp://e.x/2.jpg"],
        ["http://e.x/1.jpg\ta dog", "https://e.x/2.jpg\ta cat"],
        ["HTTP://e.x/1\ta dog", "//cdn.e.x/2\ta cat"],
        ["img/1.jpg\ta dog", "img/2.PNG\ta cat"],
        ["a dog\thttp://e.x/1.jpg", "http://e.x/2.jpg\ta cat"],
        ["url\tcaption", "u1\ta dog", "u2\ta cat"],
        ["\ufeffcaption\turl", "a dog\tu1", "a cat\tu2"],
        ["dog\thttp://e.x/1.jpg", "cat\thttp://e.x/2.jpg"],
        ["http://e.x/1.jpg\tdog", "http://e.x/2.jpg\tcat"],
    ],
)
@pytest.mark.parametrize("shard_size", [1, 1000])
def test_the_caption_is_the_column_that_is_no_address(
    open_tsv: OpenTsv, make, lines: list[str], shard_size: int
) -> None:
    source = open_tsv("\n".join(lines).encode(), kind="cc_tsv", shard_size=shard_size)

    rows = make.everything(source)

    assert [row.caption[-3:] for row in rows] == ["dog", "cat"]
    assert all(not row.url.endswith(("dog", "cat")) for row in rows)


def test_both_orders_give_the_same_anchors(open_tsv: OpenTsv, make) -> None:
    one = make.everything(open_tsv(b"a dog\thttp://e.x/1.jpg\n", kind="cc_tsv"))
    other = make.everything(open_tsv(b"http://e.x/1.jpg\ta dog\n", kind="cc_tsv"))

    assert one == other


def test_two_addresses_are_a_reject(open_tsv: OpenTsv, make) -> None:
    source = open_tsv(b"http://e.x/1.jpg\thttp://e.x/2.jpg\na dog\thttp://e.x/3.jpg\n")

    assert [make.outcome(row) for row in make.everything(source)] == ["source.columns", "ok"]


def test_ids_and_captions_are_refused_with_the_way_to_name_them(open_tsv: OpenTsv) -> None:
    with pytest.raises(ConfigError, match=r"source\.columns"):
        open_tsv(b"000001\ta dog on a rug\n000002\ta cat in the sun\n", kind="cc_tsv")


def test_more_columns_are_refused_with_the_way_to_name_them(open_tsv: OpenTsv) -> None:
    with pytest.raises(ConfigError, match=r"3 columns.*source\.columns"):
        open_tsv(b"1\thttp://e.x/1.jpg\ta dog\n2\thttp://e.x/2.jpg\ta cat\n")


def test_no_address_is_asked_of_a_language_model(open_tsv: OpenTsv, make) -> None:
    rows = make.everything(open_tsv((INPUTS / "cc12m.tsv").read_bytes()))

    assert [row.caption for row in rows] == ["a red trolley in the park", "a dog lying on a rug"]


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
