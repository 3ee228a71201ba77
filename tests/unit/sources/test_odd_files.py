"""Files that people have and no example of ours: read, or refused with what is true of them."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.core.records import Anchor
from pipeline.sources import open_source

TWO = ["a red dog", "two cats"]


def read(path: Path, **settings: object) -> list[str]:
    source = open_source(SourceConfig.model_validate({"input": str(path), **settings}))
    rows = [row for span in source.partition() for row in source.read(span)]
    return [row.caption if isinstance(row, Anchor) else row.reason for row in rows]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("german.csv", "id;preis;caption\n1;2,50;a red dog\n2;3,75;two cats\n"),
        ("capitals.csv", "ID,CAPTION\n1,a red dog\n2,two cats\n"),
        ("words.csv", "image,Caption Text\n1.jpg,a red dog\n2.jpg,two cats\n"),
        ("other.csv", "id,description\n1,a red dog\n2,two cats\n"),
        (
            "flickr.csv",
            "image_name| comment_number| comment\n1.jpg| 0| a red dog\n1.jpg| 1| two cats\n",
        ),
        ("comma.csv", "id,caption,\n1,a red dog,\n2,two cats,\n"),
        ("spaces.csv", '"id" , "caption"\n"1" , "a red dog"\n"2" , "two cats"\n'),
        ("texts.json", '["a red dog", "two cats"]'),
        ("names.json", '{"1.jpg": "a red dog", "2.jpg": "two cats"}'),
        ("lists.json", '{"1.jpg": ["a red dog", "two cats"]}'),
        ("objects.json", '{"1.jpg": {"caption": "a red dog"}, "2.png": {"caption": "two cats"}}'),
        ("printed.jsonl", '{\n "caption": "a red dog"\n}\n{\n "caption": "two cats"\n}\n'),
        ("bom.jsonl", '\ufeff{"caption":"a red dog"}\r\n{"caption":"two cats"}\r\n'),
        ("flickr.token", "1.jpg#0\ta red dog\n1.jpg#1\ttwo cats\n"),
    ],
)
def test_it_is_read(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")

    assert read(tmp_path / name) == TWO


def test_utf16_without_its_mark(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("id,caption\n1,a red dog\n2,two cats\n".encode("utf-16-le"))

    assert read(tmp_path / "a.csv") == TWO


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("captions.csv", "id,caption\n1,a red dog\n")
    return buffer.getvalue()


def _arrow(write: str) -> bytes:
    table = pa.table({"caption": [f"a red dog {n}" for n in range(50)]})
    buffer = io.BytesIO()
    if write == "feather":
        feather.write_feather(table, buffer)
    elif write == "orc":
        orc.write_table(table, buffer)
    else:
        with pa.ipc.new_stream(buffer, table.schema) as stream:
            stream.write_table(table)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("c.zip", _zip(), "unpack it, or save the sheet as csv"),
        ("c.xlsx", _zip(), "spreadsheet"),
        ("c.csv.zst", b"\x28\xb5\x2f\xfd" + b"x" * 50, "zstd"),
        ("c.feather", _arrow("feather"), "save it as parquet"),
        ("c.arrow", _arrow("stream"), "save it as parquet"),
        ("c.orc", _arrow("orc"), "no text"),
        ("c.db", b"SQLite format 3\0" + b"\0" * 100, "export a table"),
        ("c.pkl", b"\x80\x04\x95" + b"\0" * 30, "run code"),
        ("c.npy", b"\x93NUMPY\1\0" + b" " * 30, "arrays"),
        ("c.bin", bytes(range(32)) * 40, "no text"),
        ("c.yaml", b"- caption: a red dog\n", "YAML"),
        ("c.txt", b'<?xml version="1.0"?><c>a red dog</c>', "XML"),
        ("c.vtt", b"WEBVTT\n\n00:01 --> 00:02\na red dog\n", "subtitles"),
        ("c.md", b"| id | caption |\n|---|---|\n| 1 | a red dog |\n", "Markdown"),
        ("c.json", b'// mine\n[{"caption": "a red dog"}]', "remove them"),
        ("c.json", b'[{"caption": "a red dog"},]', "commas behind the last entry"),
        ("c.json", b'"a red dog"', "is none"),
        ("c.jsonl", b"{'caption': 'a red dog'}\n", "none of its first lines is a JSON object"),
        ("c.jsonl", b"\n\n\n", "none of its first lines"),
        ("c.csv", b"id,text,description\n1,a,b\n", r"caption_column|columns"),
    ],
)  # fmt: skip
def test_it_is_refused_with_what_is_true_of_it(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)

    if name == "c.csv":  # `text` goes before `description`
        assert read(tmp_path / name) == ["a"]
        return
    with pytest.raises(ConfigError, match=said):
        read(tmp_path / name)


@pytest.mark.parametrize(
    "first", ["ORCHIDS in a pot", "PKwd is a band", "[photo] a dog", "% of us"]
)
def test_captions_that_begin_like_something_else(tmp_path: Path, first: str) -> None:
    (tmp_path / "c.txt").write_text(f"{first}\na red dog\n")

    assert read(tmp_path / "c.txt") == [first, "a red dog"]


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("mark", ["", "data:image/jpeg;base64,"])
@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "gif"])
def test_pictures_as_base64_in_a_column(
    tmp_path: Path, make, lines: bool, mark: str, kind: str
) -> None:
    data = make.picture(kind, size=(40, 30))
    text = mark + (base64.encodebytes if lines else base64.b64encode)(data).decode()
    (tmp_path / "t.jsonl").write_text(json.dumps({"caption": "a red dog", "image": text}) + "\n")
    source = open_source(SourceConfig(input=str(tmp_path / "t.jsonl"), image_column="image"))
    (row,) = [row for span in source.partition() for row in source.read(span)]

    assert isinstance(row, Anchor), row
    assert row.image is not None
    assert (row.image.width_px, row.image.height_px) == (40, 30)


def test_a_folder_whose_captions_stand_in_json_files(tmp_path: Path, make) -> None:
    for number, caption in enumerate(TWO):
        (tmp_path / f"{number}.jpg").write_bytes(make.picture(shade=10 * number))
        (tmp_path / f"{number}.json").write_text(json.dumps({"caption": caption, "width": 7}))
    (tmp_path / "2.jpg").write_bytes(make.picture(shade=99))
    (tmp_path / "2.json").write_text('{"width": 7}')

    assert read(tmp_path) == [*TWO, "source.no_caption"]


def test_a_folder_whose_captions_stand_in_a_table_names_the_table(tmp_path: Path, make) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "a.jpg").write_bytes(make.picture())
    table = tmp_path / "captions.csv"
    table.write_text("image,caption\ntrain/a.jpg,a red dog\n")

    with pytest.raises(ConfigError, match=r"captions\.csv --set source\.image_column"):
        read(tmp_path)
    assert read(table, image_column="image") == ["a red dog"]
