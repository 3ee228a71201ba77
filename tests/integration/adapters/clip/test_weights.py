"""Folders that are taken for a CLIP or SigLIP, and those that are refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.clip.encoder import ClipEncoder, open_joint_encoder
from pipeline.adapters.clip.weights import locate_clip
from pipeline.config.scores import ScoresConfig
from pipeline.core.errors import ConfigError, PermanentError
from tests.integration.adapters.clip.clip_folders import build_clip_folder

pytestmark = pytest.mark.integration


TEXTS = ["a red dog", "the cat sees a green dog left of the red cat", "a cat", "a red dog"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("clip")
    return folder, build_clip_folder(folder)


def open_folder(folder: Path, **settings: Any) -> ClipEncoder:
    return open_joint_encoder(ScoresConfig(clip=str(folder), device="cpu", **settings))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"clip": "builtin:nothing"}, "only built-in is 'builtin:world'"),
        ({"clip": "no/such/folder"}, "no such folder, and it is no hub id"),
        ({"clip": "builtin:world", "device": "cuda:99"}, r"scores\.device 'cuda:99' is not there"),
        ({"clip": "builtin:world", "device": "tpu"}, r"scores\.device 'tpu' is none of"),
    ],
)
def test_bad_settings_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        open_joint_encoder(ScoresConfig(**settings))


def test_a_hub_out_of_reach_names_the_remedy() -> None:
    with pytest.raises(PermanentError, match="name its folder as scores.clip"):
        open_joint_encoder(ScoresConfig(clip="nobody/no-such-clip"))


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config.json", None, "holds no config.json"),
        ("config.json", '{"model_type": "bert"}', "'bert', which has no picture side"),
        ("model.safetensors", None, "holds no model.safetensors"),
        ("model.safetensors", "cut off", "does not load"),
        ("preprocessor_config.json", None, "does not load"),
        ("tokenizer.json", "{", "does not load"),
    ],
)
def test_damaged_folders_are_named(
    clip: tuple[Path, Any], tmp_path: Path, file: str, content: str | None, message: str
) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(clip[0], folder)
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(content)
    with pytest.raises(ConfigError, match=message):
        open_folder(folder).embed_texts(TEXTS)


def test_it_is_small() -> None:
    folder = locate_clip("builtin:world").folder
    assert sum(file.stat().st_size for file in folder.iterdir()) < 15e6
