"""Model folders: located, downloaded, hashed, and built once in the user's cache."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest

from pipeline.adapters import hub
from pipeline.adapters.hub import ModelSetting, build_once, hash_file, hash_files
from pipeline.core.errors import ConfigError, PermanentError


def check(folder: Path) -> None:
    if not (folder / "config.json").exists():
        raise ConfigError(f"{folder} holds no config.json")


SETTING = ModelSetting(
    "models.one",
    files=lambda folder: sorted(folder.glob("*.json")),
    check=check,
    no_download="'builtin:small' needs no download",
)


def never() -> str:
    raise AssertionError("a folder that is there needs no download")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    return model


def test_a_folder_is_named_by_the_files_that_decide(folder: Path) -> None:
    found = SETTING.locate(str(folder), never)
    assert (found.source, found.folder, found.commit) == (str(folder), folder, None)
    assert found.identity == hash_files(folder, [folder / "config.json"])
    (folder / "README.md").write_text("notes")
    assert SETTING.locate(str(folder), never).identity == found.identity
    (folder / "config.json").write_text("[]")
    assert SETTING.locate(str(folder), never).identity != found.identity


def test_a_hub_id_is_named_by_its_commit(folder: Path) -> None:
    snapshot = folder.rename(folder.with_name("0123abcd"))
    found = SETTING.locate("owner/model", lambda: str(snapshot))
    assert (found.identity, found.commit, found.folder) == (
        "owner/model@0123abcd",
        "0123abcd",
        snapshot,
    )


@pytest.mark.parametrize("from_hub", [False, True])
def test_what_is_no_such_model_is_refused(folder: Path, from_hub: bool) -> None:
    (folder / "config.json").unlink()
    name = "owner/model" if from_hub else str(folder)
    with pytest.raises(ConfigError, match=r"no config\.json"):
        SETTING.locate(name, lambda: str(folder))


@pytest.mark.parametrize("name", ["no/such/folder", "model", "../model", "owner/-"])
def test_what_is_neither_folder_nor_hub_id_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"models\.one .* no hub id .*'builtin:small'"):
        SETTING.locate(name, never)


@pytest.mark.parametrize(
    "error",
    [OSError("no route"), ValueError("no such repository"), httpx.ConnectError("no route")],
)
def test_a_hub_out_of_reach_names_the_ways_out(error: Exception) -> None:
    def download() -> str:
        raise error

    with pytest.raises(
        PermanentError, match=rf"owner/model.*{error}.*folder as models\.one; 'builtin:small'"
    ):
        SETTING.locate("owner/model", download)


def test_large_files_are_named_by_size_and_spread_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_WHOLE_FILE_BYTES", 1000)
    monkeypatch.setattr(hub, "_BLOCK_BYTES", 16)
    monkeypatch.setattr(hub, "_BLOCKS", 8)
    file = tmp_path / "w.safetensors"
    data = bytearray(np.random.default_rng(0).bytes(8000))
    file.write_bytes(data)
    name = hash_file(file)
    for place in (0, 1146, len(data) - 1):  # the first, the second and the last sample
        changed = bytearray(data)
        changed[place] ^= 1
        file.write_bytes(changed)
        assert hash_file(file) != name
    file.write_bytes(data + b"x")
    assert hash_file(file) != name
    file.write_bytes(data)
    assert hash_file(file) == name


def write(text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "a.txt").write_text(text) and None


def test_a_folder_is_built_once(tmp_path: Path) -> None:
    target = tmp_path / "cache" / "model"
    assert build_once(target, write("first")) == target
    build_once(target, write("second"))
    assert (target / "a.txt").read_text() == "first"
    assert list(target.parent.iterdir()) == [target]


def test_two_builders_at_once_leave_one_whole_folder(tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=60)

    def build(folder: Path) -> None:
        (folder / "a.txt").write_text("a")
        both.wait()  # neither has published when the other is done
        (folder / "b.txt").write_text("b")

    target = tmp_path / "model"
    threads = [threading.Thread(target=build_once, args=(target, build)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(tmp_path.iterdir()) == [target]
    assert sorted(file.name for file in target.iterdir()) == ["a.txt", "b.txt"]


def test_an_interrupted_build_leaves_nothing(tmp_path: Path) -> None:
    def build(folder: Path) -> None:
        (folder / "a.txt").write_text("a")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_once(tmp_path / "model", build)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match="set XDG_CACHE_HOME"):
        build_once(tmp_path / "cache" / "model", write("never"))
