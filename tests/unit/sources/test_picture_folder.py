"""A folder of pictures with texts of the same name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.sources import open_source


def test_pictures_and_texts_of_one_name_come_together(tmp_path: Path, make) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".cache").mkdir()
    files = {
        "a.jpg": make.picture(shade=10), "a.txt": b"a dog", "b.PNG": make.picture("png"),
        "b.caption": b"\xef\xbb\xbfa cat", "c.webp": make.picture("webp"), "c.webp.txt": b"a rug",
        "sub/a.jpg": make.picture(shade=10), "sub/a.txt": b"a dog", "d.jpg": make.picture(),
        "e.gif": make.picture("gif"), "e.txt": b"it moves", "f.jpg": b"<html>", "f.txt": b"gone",
        "g.txt": b"only words", "README.txt": b"read me", ".cache/x.jpg": make.picture(),
        "h.jpg": make.picture(), "h.txt": b"caf\xe9",
    }  # fmt: skip
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    source = open_source(SourceConfig(input=str(tmp_path), shard_size=3))

    rows = make.everything(source)

    assert source.describe()["kind"] == "folder"
    assert {row.origin: make.outcome(row) for row in rows} == {
        "a": "ok", "b": "ok", "c": "ok", "d": "source.no_caption",
        "e": "ok", "f": "source.undecodable_image", "g": "ok",
        "h": "source.undecodable_text", "sub/a": "source.duplicate",
    }  # fmt: skip
    assert [row.caption for row in rows[:3]] == ["a dog", "a cat", "a rug"]
    spans = list(source.partition())
    backwards = [list(source.read(span)) for span in reversed(spans)][::-1]
    assert [row for part in backwards for row in part] == rows


def test_a_changed_caption_changes_the_fingerprint(tmp_path: Path, make) -> None:
    (tmp_path / "a.jpg").write_bytes(make.picture())
    (tmp_path / "a.txt").write_bytes(b"a dog")
    first = open_source(SourceConfig(input=str(tmp_path))).describe()
    (tmp_path / "a.txt").write_bytes(b"a cat")

    assert open_source(SourceConfig(input=str(tmp_path))).describe() != first


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_the_image_folder_of_datasets(tmp_path: Path, make, suffix: str) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "1.jpg").write_bytes(make.picture())
    table = tmp_path / "train" / f"metadata.{suffix}"
    if suffix == "csv":
        table.write_text("file_name,text\n1.jpg,a dog\n2.jpg,a cat\n")
    else:
        rows = [{"file_name": f"{i}.jpg", "text": text} for i, text in ((1, "a dog"), (2, "a cat"))]
        table.write_text("".join(json.dumps(row) + "\n" for row in rows))

    rows = make.everything(open_source(SourceConfig(input=str(tmp_path))))

    assert [make.outcome(row) for row in rows] == ["ok", "source.missing_image"]
    assert (rows[0].caption, rows[0].image.width_px) == ("a dog", 24)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="without files that are read"):
        open_source(SourceConfig(input=str(tmp_path)))
    with pytest.raises(ConfigError, match="no pictures with captions"):
        open_source(SourceConfig(kind="folder", input=str(tmp_path)))
