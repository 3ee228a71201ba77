"""Tables: parquet, csv and jsonl give the same anchors from the same rows."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.core.ids import content_id
from pipeline.sources import Source, open_source

FORMATS = ("parquet", "csv", "tsv", "jsonl", "csv.gz", "jsonl.gz")


def write(path: Path, rows: list[dict[str, object]], *, group: int = 5) -> Path:
    """Write rows in the format of the suffix."""
    name = path.name.removesuffix(".gz")
    plain = path.with_name(name)
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), plain, row_group_size=group)
    elif name.endswith(".jsonl"):
        plain.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        with plain.open("w", newline="") as file:
            writer = csv.DictWriter(
                file, list(rows[0]), delimiter="\t" if name.endswith(".tsv") else ","
            )
            writer.writeheader()
            writer.writerows(rows)
    if plain != path:
        path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


def opened(path: Path, **settings: object) -> Source:
    return open_source(
        SourceConfig.model_validate({"kind": "tabular", "input": str(path), **settings})
    )


def mixed_rows(count: int) -> list[dict[str, object]]:
    return [
        {
            "n": i,
            "caption": "" if i % 7 == 3 else "caption 0" if i % 11 == 10 else f'say "{i}",\nso',
            "link": "u0" if i % 11 == 10 else f"u{i}",
        }
        for i in range(count)
    ]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("shard_size", [1, 7, 1000])
def test_seeking_equals_reading_through(tmp_path, make, suffix: str, shard_size: int) -> None:
    path = write(tmp_path / f"t.{suffix}", mixed_rows(40))
    through = make.everything(opened(path, url_column="link"))
    source = opened(path, url_column="link", shard_size=shard_size)

    backwards = [list(source.read(span)) for span in reversed(list(source.partition()))][::-1]

    assert [item for items in backwards for item in items] == through
    assert len(through) == 40
    assert through[1].caption == 'say "1", so'
    assert through[1].original_caption == 'say "1",\nso'
    assert through[1].origin == f"t.{suffix}:2"
    assert through[3].reason == "source.empty_caption"
    assert through[32].reason == "source.duplicate"
    assert "row 22 of" in through[32].detail


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_the_same_ids(tmp_path, make, suffix: str) -> None:
    path = write(tmp_path / f"t.{suffix}", mixed_rows(10))

    results = make.everything(opened(path, url_column="link", limit=2))

    assert [r.anchor_id for r in results] == [
        content_id("tabular", f'say "{i}",\nso', "url", f"u{i}") for i in range(2)
    ]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_missing_column_is_an_error_that_lists_those_that_exist(tmp_path, suffix: str) -> None:
    path = write(tmp_path / f"t.{suffix}", mixed_rows(3))

    for setting in ("caption_column", "image_column", "url_column"):
        with pytest.raises(ConfigError, match=rf"'text'.*'caption', 'link'.*source\.{setting}"):
            opened(path, **{setting: "text"})


@pytest.mark.parametrize("suffix", FORMATS)
def test_images_by_path_stand_below_the_table(tmp_path, make, suffix: str) -> None:
    (tmp_path / "data" / "img").mkdir(parents=True)
    (tmp_path / "data" / "img" / "a.jpg").write_bytes(make.picture("png", size=(9, 8)))
    (tmp_path / "secret.jpg").write_bytes(make.picture())
    inside, outside = tmp_path / "data" / "img" / "a.jpg", tmp_path / "secret.jpg"
    paths = [
        "img/a.jpg", str(inside), f"file://{inside}", "", "img/b.jpg", "../secret.jpg",
        str(outside), "img", "http://e.x/1.jpg",
    ]  # fmt: skip
    rows = [{"caption": f"row {i}", "image": path} for i, path in enumerate(paths)]
    source = opened(write(tmp_path / "data" / f"t.{suffix}", rows), image_column="image")

    for images in (True, False):
        results = make.everything(source, images=images)

        assert [make.outcome(r) for r in results] == ["ok"] * 4 + ["source.missing_image"] * 5
        assert results[0].anchor_id == content_id("tabular", "row 0", "path", "img/a.jpg")
        assert "leads out" in results[6].detail
        assert "source.image_folder" in results[4].detail
        if images:
            sizes = [r.image and (r.image.extension, r.image.width_px) for r in results[:4]]
            assert sizes == [("png", 9)] * 3 + [None]


def test_image_paths_may_begin_in_another_folder(tmp_path, make) -> None:
    (tmp_path / "pictures" / "img").mkdir(parents=True)
    (tmp_path / "pictures" / "img" / "a.jpg").write_bytes(make.picture())
    paths = ["img/a.jpg", str(tmp_path / "pictures" / "img" / "a.jpg"), "img\\a.jpg", "/etc/passwd"]
    rows = [{"caption": f"row {i}", "image": path} for i, path in enumerate(paths)]
    path = write(tmp_path / "t.jsonl", rows)

    found = make.everything(
        opened(path, image_column="image", image_folder=str(tmp_path / "pictures"))
    )

    assert [make.outcome(r) for r in found] == ["ok"] * 3 + ["source.missing_image"]


@pytest.mark.parametrize("struct", [False, True])
def test_parquet_images_as_bytes(tmp_path, make, struct: bool) -> None:
    cells = [make.picture(), None, b"GIF89a", b"", make.picture("webp"), make.picture()]
    rows = [
        {"caption": f"row {i % 5}", "image": {"path": "x", "bytes": cell} if struct else cell}
        for i, cell in enumerate(cells)
    ]
    if struct:
        rows[1]["image"] = None
    source = opened(write(tmp_path / "t.parquet", rows), image_column="image", shard_size=2)

    results = make.everything(source)

    assert [make.outcome(r) for r in results] == [
        "ok", "ok", "source.undecodable_image", "source.missing_image" if struct else "ok", "ok",
        "source.duplicate",
    ]  # fmt: skip
    assert results[1].image is None
    assert [results[i].image.data for i in (0, 4)] == [cells[0], cells[4]]
    assert results[4].image.extension == "webp"


def test_addresses_name_parquet_rows_with_or_without_the_images(tmp_path, make) -> None:
    rows = [
        {"caption": "same", "url": f"u{i}", "image": make.picture(shade=40 * i)} for i in range(3)
    ]
    rows.append({"caption": "same", "url": "u1", "image": make.picture("png")})
    settings = {"image_column": "image", "url_column": "url"}
    whole = opened(write(tmp_path / "a.parquet", rows), **settings)
    holed = opened(write(tmp_path / "b.parquet", [*rows, {**rows[0], "url": None}]), **settings)

    first, second = make.everything(whole), make.everything(holed)

    assert [make.outcome(r) for r in first] == ["ok"] * 3 + ["source.duplicate"]
    assert [r.anchor_id for r in second[:4]] == [r.anchor_id for r in first]
    assert make.outcome(second[4]) == "source.duplicate"  # the picture and caption of the first


def test_parquet_text_that_is_no_utf8_costs_only_its_row(tmp_path, make) -> None:
    offsets = pa.array([0, 1, 3, 4], pa.int32()).buffers()[1]
    broken = pa.StringArray.from_buffers(3, offsets, pa.py_buffer(b"a\xff\xfeb"))
    pq.write_table(pa.table({"caption": broken}), tmp_path / "t.parquet")

    results = make.everything(opened(tmp_path / "t.parquet"))

    assert [make.outcome(r) for r in results] == ["ok", "source.undecodable_text", "ok"]


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


def test_a_csv_quote_that_is_never_closed_costs_no_row(tmp_path, make) -> None:
    path = tmp_path / "t.csv"
    path.write_text('caption\nfirst\n"open\n' + "".join(f"row {i}\n" for i in range(5000)))

    results = make.everything(opened(path))

    assert {make.outcome(r) for r in results} == {"ok"}
    assert [r.caption for r in results[:3]] == ["first", '"open', "row 0"]
    assert len(results) == 5002


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


def test_a_null_parquet_caption_is_a_reject(tmp_path, make) -> None:
    path = write(tmp_path / "t.parquet", [{"caption": "a"}, {"caption": None}])

    assert [make.outcome(r) for r in make.everything(opened(path))] == ["ok", "source.no_caption"]


def test_what_cannot_be_a_table_is_an_error_at_once(tmp_path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"no parquet")
    (tmp_path / "t.xlsx").write_bytes(b"x")
    write(tmp_path / "n.parquet", [{"caption": 1}])
    write(tmp_path / "i.parquet", [{"caption": "a", "image": 1}])

    with pytest.raises(ConfigError, match="no readable parquet"):
        opened(tmp_path / "t.parquet")
    with pytest.raises(ConfigError, match=r"must end in \.parquet"):
        opened(tmp_path / "t.xlsx")
    with pytest.raises(ConfigError, match="int64, not text"):
        opened(tmp_path / "n.parquet")
    with pytest.raises(ConfigError, match="images must be bytes"):
        opened(tmp_path / "i.parquet", image_column="image")
    with pytest.raises(ConfigError, match="mixes"):
        opened(tmp_path / "t.{parquet,xlsx}")
