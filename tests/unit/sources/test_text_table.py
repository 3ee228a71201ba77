"""Text tables as programs write them: each gives back the captions that went in."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.source import SourceConfig
from pipeline.core.errors import ConfigError
from pipeline.sources import open_source
from tests.unit.sources.inputs import opened

PROGRAMS = Path(__file__).parents[2] / "data" / "inputs" / "programs"
CAPTIONS = [
    "a red, trolley", 'a "big" cat', '"quoted" start', 'ends with "quote"', "two\nlines",
    'three\nlines, with\n"quotes" in them', "tab\there", "back\\slash", "semi; colon",
    "it's so", "plain dog on a rug", "a b | c",
]  # fmt: skip
FRAME = pd.DataFrame(
    {
        "id": range(len(CAPTIONS)),
        "caption": CAPTIONS,
        "url": [f"http://e.x/{i}.jpg" for i in range(len(CAPTIONS))],
    }
)
Write = Callable[[Path], object]


def read(path: Path, **settings: object) -> list[str]:
    """Original captions, and the reasons of rejects."""
    config = SourceConfig.model_validate({"input": str(path), "shard_size": 5, **settings})
    source = open_source(config)
    spans = list(source.partition())
    rows = [row for span in spans for row in source.read(span)]
    backwards = [list(source.read(span)) for span in reversed(spans)][::-1]
    assert [row for part in backwards for row in part] == rows
    return [getattr(row, "original_caption", None) or row.reason for row in rows]


def _spark(cell: str) -> str:
    return '"' + cell.replace('"', '\\"') + '"' if re.search(r'[,"\n]', cell) else cell


def _copy(cell: str) -> str:
    return cell.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _lines(delimiter: str, cell: Callable[[str], str], *, header: bool = True) -> Write:
    def write(path: Path) -> None:
        rows = [
            delimiter.join((str(i), cell(c), f"http://e.x/{i}.jpg")) for i, c in enumerate(CAPTIONS)
        ]
        names = [delimiter.join(("id", "caption", "url"))] if header else []
        path.write_text("\n".join([*names, *rows]) + "\n")

    return write


def _csv(**settings: object) -> Write:
    return lambda path: FRAME.to_csv(path, **{"index": False, **settings})  # type: ignore[call-overload]


WRITERS: dict[str, Write] = {
    "pandas.csv": _csv(),
    "pandas_index.csv": _csv(index=True),
    "pandas.tsv": _csv(sep="\t"),
    "pandas_semicolon.csv": _csv(sep=";"),
    "pandas_pipe.csv": _csv(sep="|"),
    "pandas_all.csv": _csv(quoting=csv.QUOTE_ALL),
    "pandas_nonnumeric.csv": _csv(quoting=csv.QUOTE_NONNUMERIC),
    "pandas_escape.csv": _csv(doublequote=False, escapechar="\\"),
    "pandas_mark.csv": _csv(encoding="utf-8-sig"),
    "excel_unicode.txt": _csv(encoding="utf-16", sep="\t"),
    "pandas_utf16.csv": _csv(encoding="utf-16"),
    "pandas_crlf.csv": _csv(lineterminator="\r\n"),
    "pandas.csv.gz": _csv(),
    "pandas.csv.bz2": _csv(),
    "pandas.csv.xz": _csv(),
    "pandas.jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
    "pandas.json": lambda path: FRAME.to_json(path, orient="records"),
    "pandas_indented.json": lambda path: FRAME.to_json(path, orient="records", indent=2),
    "spark.csv": _lines(",", _spark),
    "postgres_text.tsv": _lines("\t", _copy),
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_a_program_writes_is_read(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)

    assert read(tmp_path / name, kind="tabular", url_column="url") == CAPTIONS
    assert read(tmp_path / name) == CAPTIONS


WITHOUT_HEADER = frozenset({"postgres.tsv", "spark_no_header.csv"})
SPECIAL = frozenset(
    {"postgres_null.tsv", "postgres_null.csv", "sqlite_tabs.tsv", "duckdb_nested.parquet"}
)


@pytest.mark.parametrize(
    "name",
    [p.name for p in sorted(PROGRAMS.iterdir()) if p.name not in WITHOUT_HEADER | SPECIAL],
)
def test_what_polars_duckdb_postgres_spark_and_sqlite_wrote_is_read(name: str) -> None:
    assert read(PROGRAMS / name) == CAPTIONS
    assert read(PROGRAMS / name, kind="tabular", url_column="url") == CAPTIONS
    # The same names given by hand are no reason to take the header for a row.
    assert read(PROGRAMS / name, columns=["id", "caption", "url"]) == CAPTIONS


@pytest.mark.parametrize("name", sorted(WITHOUT_HEADER))
def test_what_they_write_without_a_header_is_named(name: str) -> None:
    assert read(PROGRAMS / name, columns=["id", "caption", "url"]) == CAPTIONS
    with pytest.raises(ConfigError, match=r"source\.columns"):
        read(PROGRAMS / name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("postgres_null.tsv", "source.no_caption"), ("postgres_null.csv", "source.empty_caption")],
)
def test_a_null_of_postgres_costs_its_own_row(name: str, reason: str) -> None:
    wanted = [reason if number == 3 else caption for number, caption in enumerate(CAPTIONS)]

    assert read(PROGRAMS / name) == wanted


def test_broken_lines_are_rejects_and_swallow_nothing() -> None:
    """`sqlite3 -tabs` quotes nothing, so that a caption of several lines is several records."""
    found = read(PROGRAMS / "sqlite_tabs.tsv")

    whole = [caption for caption in CAPTIONS if "\n" not in caption and "\t" not in caption]
    assert [caption for caption in found if caption in CAPTIONS] == whole
    assert set(found) - set(CAPTIONS) == {"source.columns"}


@pytest.mark.parametrize("orient", ["columns", "index", "split", "table", "records"])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("repeat", [1, 400])
def test_every_layout_of_pandas_json(
    tmp_path: Path, orient: str, indent: int | None, repeat: int
) -> None:
    """Short ones, and those of which a look at the beginning sees no end."""
    captions = [f"{caption} {n}" for n in range(repeat) for caption in CAPTIONS]
    frame = pd.DataFrame({"id": range(len(captions)), "caption": captions})
    frame.to_json(tmp_path / "t.json", orient=orient, indent=indent)  # type: ignore[call-overload]

    assert read(tmp_path / "t.json") == captions
    assert read(tmp_path / "t.json", kind="tabular") == captions


def test_lists_of_cells_need_names(tmp_path: Path) -> None:
    FRAME.to_json(tmp_path / "t.json", orient="values")

    with pytest.raises(ConfigError, match=r"without the names.*source\.columns"):
        read(tmp_path / "t.json")
    assert read(tmp_path / "t.json", columns=["id", "caption", "url"]) == CAPTIONS


@pytest.mark.parametrize(
    "wrap",
    [
        lambda frame: frame.to_dict("list"),
        lambda frame: {"version": "1.0", "rows": frame.to_dict("records")},
        lambda frame: {"info": {"year": 2024}, "data": frame.to_dict("records")},
        lambda frame: {"columns": list(frame), "data": frame.values.tolist()},
    ],
)
def test_other_layouts_of_one_json_object(tmp_path: Path, wrap: Callable[..., object]) -> None:
    (tmp_path / "t.json").write_text(json.dumps(wrap(FRAME)))

    assert read(tmp_path / "t.json") == CAPTIONS


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"a": [{"caption": "x"}], "b": [{"caption": "y"}]}, r"several lists: a, b"),
        ({"a": {"b": 1}, "c": {"d": 2}}, "no list"),
    ],
)
def test_what_is_no_table_says_what_to_do(tmp_path: Path, value: object, said: str) -> None:
    (tmp_path / "t.json").write_text(json.dumps(value))

    with pytest.raises(ConfigError, match=rf"{said}.*jsonl"):
        read(tmp_path / "t.json")


def test_quote_none_of_pandas(tmp_path: Path) -> None:
    frame = FRAME[~FRAME.caption.str.contains("\n")]
    frame.to_csv(tmp_path / "t.csv", index=False, quoting=csv.QUOTE_NONE, escapechar="\\")

    assert read(tmp_path / "t.csv") == list(frame.caption)


def test_lines_of_old_macintosh_programs(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    FRAME.to_csv(path, index=False, lineterminator="\r")

    assert read(path) == [caption.replace("\n", " ") for caption in CAPTIONS]


def test_a_table_without_a_header_is_named_by_a_setting(tmp_path: Path) -> None:
    """As Postgres and Spark write by default."""
    _lines("\t", _copy, header=False)(tmp_path / "t.tsv")
    _lines(",", _spark, header=False)(tmp_path / "t.csv")

    for name in ("t.tsv", "t.csv"):
        assert read(tmp_path / name, columns=["id", "caption", "url"]) == CAPTIONS
        with pytest.raises(ConfigError, match=r"source\.columns"):
            read(tmp_path / name, kind="tabular")


def test_excel_names_its_delimiter_in_the_first_line(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b'sep=;\r\nid;caption\r\n1;a red, dog\r\n2;"a; b"\r\n')

    assert read(tmp_path / "t.csv") == ["a red, dog", "a; b"]


@pytest.mark.parametrize(
    ("delimiter", "mark"), [("tab", "\t"), (";", ";"), ("::", "::"), ("^", "^")]
)
def test_a_delimiter_may_be_chosen(tmp_path: Path, delimiter: str, mark: str) -> None:
    (tmp_path / "t.txt").write_text(f"id{mark}caption\n1{mark}a red, dog\n")

    assert read(tmp_path / "t.txt", kind="tabular", delimiter=delimiter) == ["a red, dog"]


def test_a_single_column_is_not_split(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('caption\na red, wet dog\n"two\nlines"\n"so" he said\n')

    assert read(tmp_path / "t.csv")[0] == "a red, wet dog"
    assert len(read(tmp_path / "t.csv")) >= 3


def test_text_of_windows_needs_its_encoding(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("id,caption\n1,a café\n2,a dog\n".encode("cp1252"))

    assert read(tmp_path / "t.csv") == ["source.undecodable_text", "a dog"]
    assert read(tmp_path / "t.csv", encoding="cp1252") == ["a café", "a dog"]
    with pytest.raises(ConfigError, match="no encoding that is known"):
        read(tmp_path / "t.csv", encoding="klingon")


def test_a_list_of_captions_as_pandas_writes_it_into_a_csv(tmp_path: Path) -> None:
    pd.DataFrame({"caption": [["a dog", "it's a cat"], ["a rug"]]}).to_csv(tmp_path / "t.csv")

    assert read(tmp_path / "t.csv") == ["a dog", "it's a cat", "a rug"]
    assert read(tmp_path / "t.csv", captions="first") == ["a dog", "a rug"]


def test_a_folder_of_parts_as_spark_writes_it(tmp_path: Path) -> None:
    folder = tmp_path / "captions"
    (folder / "split=train").mkdir(parents=True)
    (folder / "_SUCCESS").touch()
    (folder / ".part-00000.csv.crc").write_bytes(b"x")
    (folder / "part-00000-c000.csv").write_text("caption\n")
    (folder / "part-00001-c000.csv").write_text("caption\na dog on a rug\n")
    (folder / "part-00002-c000.csv").touch()
    (folder / "split=train" / "part-00003-c000.csv").write_text("caption\na cat\n")

    assert read(folder) == ["a dog on a rug", "a cat"]


def test_gzip_without_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(gzip.compress(b"id,caption\n1,a dog\n"))

    assert read(tmp_path / "t.csv") == ["a dog"]


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


def mixed_rows(count: int) -> list[dict[str, object]]:
    return [
        {
            "n": i,
            "caption": "" if i % 7 == 3 else "caption 0" if i % 11 == 10 else f'say "{i}",\nso',
            "link": "u0" if i % 11 == 10 else f"u{i}",
        }
        for i in range(count)
    ]


def test_a_csv_quote_that_is_never_closed_costs_no_row(tmp_path, make) -> None:
    path = tmp_path / "t.csv"
    path.write_text('caption\nfirst\n"open\n' + "".join(f"row {i}\n" for i in range(5000)))

    results = make.everything(opened(path))

    assert {make.outcome(r) for r in results} == {"ok"}
    assert [r.caption for r in results[:3]] == ["first", '"open', "row 0"]
    assert len(results) == 5002
