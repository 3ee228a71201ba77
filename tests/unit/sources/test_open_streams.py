"""Packed files are unpacked once however many shards are read, and never out of date."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

import pipeline.sources.files as files
from pipeline.config.source import SourceConfig
from pipeline.sources import Source, open_source
from pipeline.sources.open_streams import MOST_OPEN, OPEN_STREAMS, OpenStreams

ROWS = 4000


def lines(word: str = "dog") -> bytes:
    rows = ({"caption": f"a red {word} number {n} of {n * 7919}"} for n in range(ROWS))
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def read(source: Source, spans: list[Any]) -> list[str]:
    return [row.caption for span in spans for row in source.read(span)]


@pytest.fixture(autouse=True)
def nothing_open() -> Any:
    OPEN_STREAMS.close()
    yield
    OPEN_STREAMS.close()


@pytest.mark.parametrize(
    ("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)]
)
def test_shards_in_order_read_a_packed_file_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"t.jsonl.{suffix}"
    path.write_bytes(pack(lines()))
    source = open_source(SourceConfig(input=str(path), shard_size=100))
    spans = list(source.partition())
    opened: list[BinaryIO] = []
    really = files._open

    def counting(file: files.InputFile) -> BinaryIO:
        opened.append(really(file))
        return opened[-1]

    monkeypatch.setattr(files, "_open", counting)
    OPEN_STREAMS.close()
    found = read(source, spans)

    assert len(found) == ROWS
    assert len(opened) == 1, "each of the 40 shards went on where the one before had ended"
    every_third = read(source, spans[::3])
    assert every_third == [c for number in range(0, 40, 3) for c in found[100 * number :][:100]]
    assert len(opened) == 2, "a rank that takes every third shard begins once more"


def test_backwards_and_by_several_threads_it_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(gzip.compress(lines()))
    source = open_source(SourceConfig(input=str(path), shard_size=250))
    spans = list(source.partition())
    wanted = {span.shard_id: read(source, [span]) for span in spans}
    found: list[dict[int, list[str]]] = [{} for _ in range(4)]

    def work(number: int) -> None:
        for span in spans[:: (1, -1, 2, -3)[number]]:
            found[number][span.shard_id] = read(source, [span])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(one) for one in found] == [16, 16, 8, 6]
    for one in found:
        assert all(one[shard] == wanted[shard] for shard in one)


def test_another_file_of_the_same_name_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl.gz"
    for word in ("dog", "cat"):
        other = tmp_path / "new"
        other.write_bytes(gzip.compress(lines(word)))
        os.replace(other, path)
        source = open_source(SourceConfig(input=str(path), shard_size=1000))
        spans = list(source.partition())
        assert all(word in caption for caption in read(source, spans))


def test_few_are_kept(tmp_path: Path) -> None:
    pool = OpenStreams()
    made = []
    for number in range(MOST_OPEN + 3):
        (tmp_path / str(number)).write_bytes(b"x")
        stream = (tmp_path / str(number)).open("rb")
        made.append(stream)
        pool.keep(number, stream, stream)
    assert [stream.closed for stream in made] == [True] * 3 + [False] * MOST_OPEN
    assert pool.take(0, 5) is None
    taken = pool.take(5, 5)
    assert taken is not None
    pool.close()
    assert not taken[0].closed
    taken[0].close()
    assert all(stream.closed for stream in made)
