"""Blocks of remote files that are kept, up to a limit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.stores.kept_blocks import KeptBlocks, forget_inputs, keep_inputs, kept_blocks
from pipeline.stores.scratch import use_scratch


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path) -> Iterator[Path]:
    use_scratch(str(tmp_path))
    keep_inputs(0)
    yield tmp_path
    keep_inputs(0)
    use_scratch(None)


def blocks(stamp: str = "etag") -> KeptBlocks:
    found = kept_blocks("s3://b/a.tsv", 100, stamp)
    assert found is not None
    return found


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_without_a_limit_or_a_name_of_the_content_nothing_is_kept() -> None:
    assert kept_blocks("s3://b/a.tsv", 100, "etag") is None
    keep_inputs(1)
    assert kept_blocks("s3://b/a.tsv", 100, "") is None


def test_a_block_is_that_of_its_content_and_whole(scratch: Path) -> None:
    keep_inputs(1)
    blocks().put(4096, b"abc")
    assert blocks().get(4096, 3) == b"abc"
    assert blocks().get(4096, 4) is None, "it was cut off"
    assert blocks().get(0, 3) is None
    assert blocks("other").get(4096, 3) is None
    forget_inputs()
    assert blocks().get(4096, 3) is None
    assert files(scratch) == []


def test_the_oldest_go_where_there_are_too_many(scratch: Path) -> None:
    keep_inputs(10_000 / 2**30)
    for number in range(30):
        blocks().put(number, b"x" * 1000)
        path = next(path for path in files(scratch) if path.name == str(number))
        os.utime(path, (number, number))
    left = sorted(int(path.name) for path in files(scratch))
    assert 5 <= len(left) <= 10
    assert left[-1] == 29
    assert left == list(range(left[0], 30))


def test_a_disk_that_refuses_costs_no_run(scratch: Path) -> None:
    keep_inputs(1)
    (scratch / "inputs").write_text("a file stands where the folder should")
    blocks().put(0, b"abc")
    assert blocks().get(0, 3) is None
