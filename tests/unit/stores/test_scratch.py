"""Local files on their way to a store."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.shards.atomic import atomic_file
from pipeline.stores.location import located
from pipeline.stores.path import StorePath
from pipeline.stores.scratch import scratch_file, use_scratch, written


@pytest.fixture
def root(tmp_path: Path) -> Iterator[StorePath]:
    use_scratch(str(tmp_path / "scratch"))
    found = located(f"memory://{uuid.uuid4().hex}/run")
    assert isinstance(found, StorePath)
    yield found
    use_scratch(None)


def test_each_address_has_a_folder_of_its_own(root: StorePath, tmp_path: Path) -> None:
    first, again = scratch_file(root / "a"), scratch_file(root / "a")
    other = scratch_file(root.parent / "other" / "a")
    assert first == again
    assert first.parent != other.parent
    assert (tmp_path / "scratch") in first.parents
    assert list(tmp_path.iterdir()) == [], "naming makes nothing"


def test_the_default_is_in_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert tmp_path in scratch_file(StorePath("s3://bucket/run/a")).parents


def test_a_file_goes_to_the_store_whole_and_leaves_nothing(root: StorePath, tmp_path: Path) -> None:
    with atomic_file(root / "a.tar") as file:
        file.write(b"x" * 3_000_000)
        assert not (root / "a.tar").exists()
    assert (root / "a.tar").read_bytes() == b"x" * 3_000_000
    assert [p for p in (tmp_path / "scratch").rglob("*") if p.is_file()] == []


def test_what_a_killed_process_left_is_removed_and_a_living_ones_kept(root: StorePath) -> None:
    target = root / "a.tar"
    dead, alive = (
        scratch_file(target, f".{socket.gethostname()}.{number}") for number in (2**22 + 5, 1)
    )
    partial = dead.with_name(f".{dead.name}.7.partial")
    for left in (dead, alive, partial):
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_bytes(b"left")
    with written(target) as local:
        assert local.name.endswith(f".{os.getpid()}")
        assert [dead.exists(), partial.exists(), alive.exists()] == [False, False, True]
        local.write_bytes(b"new")
    assert target.read_bytes() == b"new"
