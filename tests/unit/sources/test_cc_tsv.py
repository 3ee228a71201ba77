"""Conceptual Captions files: every line gives one result, whatever stands on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.core.ids import content_id
from pipeline.core.records import Anchor
from pipeline.core.stage import Rejected
from pipeline.sources import Source

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
