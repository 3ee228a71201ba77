"""A folder is there with all that is in it, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.shards.atomic_folder import atomic_folder

KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.shards.atomic_folder import atomic_folder
with atomic_folder(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("written")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_appears_when_the_block_ends(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "deep" / "out") as folder:
        (folder / "a").write_text("1")
        assert not (tmp_path / "deep" / "out").exists()
    assert names(tmp_path / "deep") == ["out"]
    assert names(tmp_path / "deep" / "out") == ["a"]


def test_it_takes_the_place_of_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with atomic_folder(tmp_path / "out") as folder:
        (folder / "a").write_text("1")
    assert names(tmp_path / "out") == ["a"]


@pytest.mark.parametrize("is_file", [True, False])
def test_nothing_is_written_over(tmp_path: Path, is_file: bool) -> None:
    there = tmp_path / "out"
    if is_file:
        there.write_text("mine")
    else:
        there.mkdir()
        (there / "mine").write_text("1")
    with pytest.raises(ConfigError, match="is there already"), atomic_folder(there):
        pytest.fail("the block must not run")
    assert names(tmp_path) == ["out"]


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with atomic_folder(tmp_path / "out") as folder:
            (folder / "a").write_text("1")
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fail()
    assert names(tmp_path) == []


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    target = tmp_path / "out"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not target.exists()
    assert len(names(tmp_path)) == 1
    living = tmp_path / f".out.{os.getppid()}.partial"
    living.mkdir()
    with atomic_folder(target) as folder:
        (folder / "whole").write_text("1")
    assert names(target) == ["whole"]
    assert names(tmp_path) == [living.name, "out"], "a living process keeps its folder"
