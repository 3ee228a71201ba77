"""The miniature: real, small, the same bytes every time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from pipeline.adapters.sdxl import tiny as tiny_sdxl
from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.adapters.sdxl.tiny import BUILTIN, WORLD, build_tiny_sdxl, resolve_model
from pipeline.core.errors import ConfigError

pytestmark = pytest.mark.integration


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_another_process_builds_the_same_bytes(tiny_folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline.adapters.sdxl.tiny", str(tmp_path / "again")]
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert str(tmp_path / "again") in done.stdout
    assert done.stderr == ""
    assert contents(tmp_path / "again") == contents(tiny_folder)


def test_it_is_a_small_ordinary_sdxl_folder_of_safetensors(tiny_folder: Path) -> None:
    index = json.loads((tiny_folder / "model_index.json").read_text())
    assert index["_class_name"] == "StableDiffusionXLPipeline"
    names = contents(tiny_folder)
    assert sum(name.endswith(".safetensors") for name in names) == 4
    assert not [name for name in names if name.endswith((".bin", ".ckpt", ".pt", ".pkl"))]
    assert sum(map(len, names.values())) < 10 * 2**20


def test_another_seed_gives_other_weights_and_the_same_tokenizer(
    tiny_folder: Path, tmp_path: Path
) -> None:
    build_tiny_sdxl(tmp_path / "other", seed=1)
    some, others = contents(tiny_folder), contents(tmp_path / "other")
    assert some.keys() == others.keys()
    changed = {name for name in some if some[name] != others[name]}
    assert changed == {name for name in some if name.endswith(".safetensors")}


def test_its_tokenizer_reads_any_text(tiny_renderer: SdxlRenderer) -> None:
    tokenizer = tiny_renderer.pipeline.tokenizer
    for text in ("a red car", "naïve 猫 ☂", "the dog's bone!"):
        ids = tokenizer(text).input_ids
        assert ids[0] == tokenizer.bos_token_id
        assert ids[-1] == tokenizer.eos_token_id
        assert tokenizer.unk_token_id not in ids[1:-1]
        assert tokenizer.decode(ids[1:-1]).replace(" ", "") == text.replace(" ", "")
    assert len(tokenizer("a red car").input_ids) == 5


def test_every_sample_caption_fits(tiny_renderer: SdxlRenderer) -> None:
    sample = files("pipeline") / "sources" / "sample" / "cc3m_sample.tsv"
    captions = [row.split("\t")[0] for row in sample.read_text("utf-8").split("\n") if row]
    assert max(tiny_renderer.count_tokens(captions)) <= 77


def test_a_folder_with_content_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(ConfigError, match="not empty"):
        build_tiny_sdxl(tmp_path)
    assert contents(tmp_path) == {"mine.txt": b"keep"}


def test_the_builtin_is_built_once_into_the_cache(tmp_path: Path, tiny_folder: Path) -> None:
    first = resolve_model(BUILTIN, cache_folder=tmp_path)
    assert isinstance(first, Path)
    assert contents(first) == contents(tiny_folder)
    before = (first / "model_index.json").stat().st_mtime_ns
    assert resolve_model(BUILTIN, cache_folder=tmp_path) == first
    assert (first / "model_index.json").stat().st_mtime_ns == before
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_a_process_that_comes_second_uses_what_the_first_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / f"tiny-sdxl-{tiny_sdxl._build_id()}"

    def build_while_another_finishes(folder: Path) -> None:
        (folder / "model_index.json").write_text("second")
        target.mkdir()
        (target / "model_index.json").write_text("first")

    monkeypatch.setattr(tiny_sdxl, "build_tiny_sdxl", build_while_another_finishes)
    assert resolve_model(BUILTIN, cache_folder=tmp_path) == target
    assert contents(tmp_path) == {f"{target.name}/model_index.json": b"first"}


def test_an_interrupted_build_leaves_nothing_that_looks_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path) -> None:
        (folder / "model_index.json").write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(tiny_sdxl, "build_tiny_sdxl", fail)
    with pytest.raises(KeyboardInterrupt):
        resolve_model(BUILTIN, cache_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_other_names_are_left_alone_and_unknown_builtins_refused(tmp_path: Path) -> None:
    assert resolve_model("owner/model", cache_folder=tmp_path) == "owner/model"
    with pytest.raises(ConfigError, match="builtin:tiny"):
        resolve_model("builtin:huge", cache_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_is_small_and_holds_no_pickle() -> None:
    folder = Path(resolve_model(WORLD))
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 25e6
    assert not [path for path in files if path.suffix in {".bin", ".pt", ".ckpt", ".pkl"}]
    assert "train_unet" in (folder / "README.md").read_text("utf-8")


def test_its_parts_do_not_say_where_they_were_made() -> None:
    for file in Path(resolve_model(WORLD)).rglob("*.json"):
        assert "_name_or_path" not in file.read_text("utf-8"), file
