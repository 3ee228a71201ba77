"""What is wrong with the text of a row, and what of it a reject may quote."""

from __future__ import annotations

import pytest

from pipeline.core.stage import Fault
from pipeline.sources.rows import Row, anchor_id, parse_json, reject, text_fault


def row(caption: str, url: str | None = None) -> Row:
    return Row((0, 0), "f:1", caption, url, (caption, url or ""))


@pytest.mark.parametrize(
    ("caption", "url", "reason"),
    [
        (" \t\u200b", None, "source.empty_caption"),
        ("x" * 51, None, "source.too_long"),
        ("a\x07b", None, "source.control_chars"),
        ("a\u202eb", None, "source.control_chars"),
        ("a\ud800b", None, "source.undecodable_text"),
        ("a", "http://x\n", "source.control_chars"),
        ("a", "u" * 9000, "source.too_long"),
    ],
)
def test_bad_text_has_a_reason(caption: str, url: str | None, reason: str) -> None:
    fault = text_fault(row(caption, url), caption, max_caption_chars=50)
    assert fault is not None
    assert fault.reason == reason


def test_good_text_has_none() -> None:
    caption = "a\tdog\non the grass ☃"
    assert text_fault(row(caption, "http://x"), caption, max_caption_chars=50) is None


def test_an_id_names_kind_and_content_and_no_place() -> None:
    here, there = row("a dog"), Row((9, 9), "elsewhere:7", "a dog", None, ("a dog", ""))
    assert anchor_id("cc_tsv", here) == anchor_id("cc_tsv", there)
    assert anchor_id("cc_tsv", here) != anchor_id("tabular", here)


def test_a_reject_quotes_a_caption_only_where_its_text_was_found_good() -> None:
    fault = Fault("source.duplicate", "it repeats row 1")
    assert reject(row("a dog"), fault).caption == ""
    known = reject(row("a dog"), fault, anchor_id="00aa")
    assert (known.caption, known.detail, known.origin) == ("a dog", "f:1: it repeats row 1", "f:1")


@pytest.mark.parametrize("data", [b"{", b"[1]", b"\xff", b"[" * 100_000, b"7"])
def test_what_is_no_json_object_is_a_fault(data: bytes) -> None:
    assert isinstance(parse_json(data, "its json"), Fault)
    assert parse_json(b'{"a": 1}', "its json") == {"a": 1}
