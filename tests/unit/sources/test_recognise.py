"""Inputs that nobody should have to convert or to name: the content says what they are."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.sources import open_source, settle_kind

COCO = {
    "images": [
        {"id": 7, "file_name": "7.jpg", "coco_url": "http://e.x/7.jpg"},
        {"id": 8, "file_name": "8.jpg"},
    ],
    "annotations": [
        {"id": 1, "image_id": 7, "caption": "a dog on a rug"},
        {"id": 2, "image_id": 7, "caption": "a wet dog"},
        {"id": 3, "image_id": 8, "caption": "a cat"},
    ],
}
KARPATHY = {
    "dataset": "coco",
    "images": [
        {"filename": "7.jpg", "filepath": "val", "sentences": [{"raw": "a dog", "sentid": 1}]}
    ],
}


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"caption": ["a dog"]}), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("name", "data", "kind", "captions"),
    [
        ("c.txt", b"a dog\n\na cat\n", "lines", ["a dog", "source.empty_caption", "a cat"]),
        ("c.txt", b"\xef\xbb\xbfa dog, wet\r\n[photo] of a cat\r\n", "lines",
         ["a dog, wet", "[photo] of a cat"]),
        ("c.txt.gz", gzip.compress(b"a dog\n", mtime=0), "lines", ["a dog"]),
        ("c.txt", "a dog\na cat\n".encode("utf-16"), "lines", ["a dog", "a cat"]),
        ("c.txt", b"a dog\thttp://e.x/1.jpg\n", "cc_tsv", ["a dog"]),
        ("c.txt", b"id\tcaption\n1\ta dog\n", "tabular", ["a dog"]),
        ("c.tsv", b"http://e.x/1.jpg\ta dog\n", "cc_tsv", ["a dog"]),
        ("c.tsv", b'image\tcaption\n1.jpg\t"a dog\n', "tabular", ['"a dog']),
        ("c.csv", b"caption;url\na dog;u\n", "tabular", ["a dog"]),
        ("c", b'{"caption": "a dog"}\n{"caption": "a cat"}\n', "tabular", ["a dog", "a cat"]),
        ("c.json", b'[{"caption": "a dog"}, {"caption": ["a", "b c"]}, 5]', "tabular",
         ["a dog", "a", "b c", "source.bad_json"]),
        ("c.json", b'{"caption": "a dog"}\n', "tabular", ["a dog"]),
        ("c.json", json.dumps(COCO).encode(), "coco", ["a dog on a rug", "a wet dog", "a cat"]),
        ("c.json", json.dumps(COCO, indent=1).encode(), "coco",
         ["a dog on a rug", "a wet dog", "a cat"]),
        ("c.json", json.dumps(KARPATHY).encode(), "coco", ["a dog"]),
        ("c.bin", parquet(), "tabular", ["a dog"]),
    ],
)  # fmt: skip
def test_a_file_is_known_by_its_content(
    tmp_path: Path, make, name: str, data: bytes, kind: str, captions: list[str]
) -> None:
    (tmp_path / name).write_bytes(data)
    config = SourceConfig(input=str(tmp_path / name), shard_size=1)

    assert settle_kind(config).kind == kind
    source = open_source(config)
    rows = make.everything(source)
    backwards = [list(source.read(span)) for span in reversed(list(source.partition()))][::-1]

    assert [getattr(row, "original_caption", None) or row.reason for row in rows] == captions
    assert [row for part in backwards for row in part] == rows
    assert rows == make.everything(open_source(settle_kind(config)))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("c.jpg", b"\xff\xd8\xff\xe0", "a picture"),
        ("c.tsv", b"<!DOCTYPE html><html>Sign in</html>", "a web page"),
        ("c.xlsx", b"PK\x03\x04", "a zip archive"),
        ("c.json", b'{"images": [], "annotations": []}', "no captions as COCO"),
        ("c.json", b'{\n "a": 1\n}', "neither a list of objects"),
    ],
)
def test_what_holds_no_captions_is_said_at_once(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)

    with pytest.raises(ConfigError, match=said):
        open_source(SourceConfig(input=str(tmp_path / name)))


def test_the_wrong_kind_is_refused_with_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps(COCO))

    with pytest.raises(ConfigError, match="--source coco"):
        open_source(SourceConfig(kind="cc_tsv", input=str(tmp_path / "c.json")))


def test_a_name_of_the_hub_is_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigError, match="--source hf"):
        open_source(SourceConfig(input="nlphuji/flickr30k"))


def test_a_run_that_makes_nothing_fails_and_says_why(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from pipeline.cli.app import app
    from pipeline.core.errors import PermanentError

    (tmp_path / "c.tsv").write_text("one\ntwo\nthree\n")
    answer = CliRunner().invoke(
        app, ["run", "-q", "--input", str(tmp_path / "c.tsv"), "--output", str(tmp_path / "run")]
    )

    assert answer.exit_code == 1
    assert isinstance(answer.exception, PermanentError)
    assert "source.columns (3)" in str(answer.exception)
    assert "c.tsv:1: the line has 1 column" in str(answer.exception)
