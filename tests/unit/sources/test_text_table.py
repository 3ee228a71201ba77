"""CSV and JSON lines: a bad row is a reject, and the rest goes on."""

from __future__ import annotations

import csv

import pytest

from tests.unit.sources.inputs import opened


def test_bad_csv_rows_are_rejects_and_the_rest_goes_on(tmp_path, make) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(
        b"\xef\xbb\xbfid,caption\r\n"
        b'1,"a ""big"" cat"\r\n'
        b"2,too,many\r\n"
        b"\r\n"
        b"4,caf\xe9\r\n"
        b"5,a\0b\r\n"
        b"6," + b"x" * 300_000 + b"\r\n"
        b'7,"' + b"y" * 300_000 + b'"\r\n'
        b'8,"' + b"z" * 100_000 + b'"\r\n'
        b'9,"two\r\nlines"\r\n'
        b"10,last"
    )

    results = make.everything(opened(path, shard_size=2))

    assert [make.outcome(r) for r in results] == [
        "ok", "source.columns", "source.empty_caption", "source.undecodable_text",
        "source.control_chars", "source.too_long", "source.too_long", "source.too_long", "ok",
        "ok",
    ]  # fmt: skip
    assert [results[i].caption for i in (0, 8, 9)] == ['a "big" cat', "two lines", "last"]
    assert [r.origin for r in results] == [f"t.csv:{i}" for i in range(1, 11)]


@pytest.mark.parametrize("limit", [131_072, 1 << 30])
def test_a_csv_quote_that_is_never_closed_is_rejected(tmp_path, make, limit) -> None:
    """Whatever limit another library has set for the process, and that one stays."""
    before = csv.field_size_limit(limit)
    path = tmp_path / "t.csv"
    path.write_text('caption\nfirst\n"open\n' + "row\n" * 100_000)

    try:
        results = make.everything(opened(path, limit=3))
    finally:
        assert csv.field_size_limit(before) == limit

    assert [make.outcome(r) for r in results][:2] == ["ok", "source.too_long"]
    assert "quote" in results[1].detail


def test_bad_jsonl_rows_are_rejects_and_the_rest_goes_on(tmp_path, make) -> None:
    lines = [
        b'{"caption": "first"}', b"{", b"[1]", b"", b'{"caption": null}', b'{"other": 1}',
        b'{"caption": 7}', b'{"caption": "\\ud800"}', b'{"caption": "\\u0000"}',
        b'{"caption": "\xff"}', b'{"caption": "' + b"x" * 1_200_000 + b'"}',
        b"[" * 100_000, b'{"caption": "last"}',
    ]  # fmt: skip
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"\n".join(lines))

    results = make.everything(opened(path, shard_size=3))

    assert [make.outcome(r) for r in results] == [
        "ok", "source.bad_json", "source.bad_json", "source.empty_caption", "source.no_caption",
        "source.no_caption", "source.columns", "source.undecodable_text", "source.control_chars",
        "source.undecodable_text", "source.too_long", "source.bad_json", "ok",
    ]  # fmt: skip
