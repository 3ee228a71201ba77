"""Every way to say which tars."""

from __future__ import annotations

import json
from pathlib import Path

import fsspec
import pytest

from pipeline.core.errors import ConfigError
from pipeline.training.vlm.shard_list import count_samples, resolve_shards


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "shards").mkdir()
    for name in ("000000.tar", "000002.tar", "1000000.tar", "000000.json"):
        (tmp_path / "shards" / name).write_bytes(b"")
    return tmp_path


def test_a_run_its_folder_and_a_pattern_are_the_same(run: Path) -> None:
    expected = tuple(str(run / "shards" / f"{n}.tar") for n in ("000000", "000002", "1000000"))
    for source in (run, f"{run}/", run / "shards", f"{run}/shards/*.tar"):
        assert resolve_shards(source) == expected
    assert resolve_shards([run, f"{run}/shards/000002.tar"]) == expected, "each once"
    assert resolve_shards(f"{run}/shards/000002.tar") == expected[1:2]


@pytest.mark.parametrize("place", ["shards.txt", "shards/shards.txt"])
def test_a_list_decides(run: Path, place: str) -> None:
    prefix = "" if "/" in place else "shards/"
    (run / place).write_text(f"# two of them\n{prefix}000002.tar\n\n{prefix}000000.tar\n")
    expected = tuple(str(run / "shards" / f"{n}.tar") for n in ("000002", "000000"))
    assert resolve_shards(run) == resolve_shards(run / place) == expected


def test_braces_leave_out_what_is_missing_and_say_so(run: Path) -> None:
    with pytest.warns(UserWarning, match=r"1 of the tars .* the first .*000001.tar"):
        found = resolve_shards(f"{run}/shards/{{000000..000002}}.tar")
    assert [Path(shard).name for shard in found] == ["000000.tar", "000002.tar"]


def test_remote_addresses_stay_whole() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/listed/shards/000000.tar", b"")
    memory.pipe_file("/listed/shards/000001.tar", b"")
    both = tuple(f"memory:///listed/shards/00000{n}.tar" for n in (0, 1))
    assert resolve_shards("memory://listed") == both
    assert resolve_shards("memory://listed/shards/*1.tar") == both[1:]
    memory.pipe_file("/listed/shards/shards.txt", b"000001.tar\n")
    assert resolve_shards("memory://listed") == both[1:]


@pytest.mark.parametrize("source", ["nowhere", "nowhere/*.tar", "nowhere/{0..2}.tar"])
def test_nothing_is_an_error(tmp_path: Path, source: str) -> None:
    with pytest.raises(ConfigError, match="names no tar; give a run directory"):
        resolve_shards(f"{tmp_path}/{source}")
    with pytest.raises(ConfigError, match=r"nowhere.txt does not exist"):
        resolve_shards(tmp_path / "nowhere.txt")
    with pytest.raises(ConfigError, match="no shards were given"):
        resolve_shards([])


def test_sizes_are_summed_where_all_are_known(run: Path) -> None:
    shards = resolve_shards(run)
    assert count_samples(shards) is None
    sizes = {"000000.tar": 3, "000002.tar": 4}
    (run / "shards/sizes.json").write_text(json.dumps(sizes))
    assert count_samples(shards) is None
    assert count_samples(shards[:2]) == 7
