"""Inputs of each format, some of their rows bad."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config.source import SourceConfig
from pipeline.sources import Source, open_source


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


def sample(make, key: str, caption: str, extension: str = "jpg") -> list[tuple[str, bytes]]:
    """The members that img2dataset writes for one image."""
    described = {"key": key, "caption": caption, "url": f"http://x/{key}", "status": "success"}
    return [
        (f"{key}.{extension}", make.picture(extension, shade=hash(key) % 200)),
        (f"{key}.json", json.dumps(described).encode()),
        (f"{key}.txt", caption.encode()),
    ]


def archive(make, *keys: str) -> bytes:
    return make.tar_bytes([m for key in keys for m in sample(make, key, f"a thing {key} .")])
