"""CLIP, SigLIP and their weights: opened, chosen and written."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from pipeline.core.errors import ConfigError
from pipeline.training.vlm.finetune.config import VlmConfig, load_vlm_config
from pipeline.training.vlm.finetune.model import (
    open_trained_model,
    prepare_weights,
    replace_model,
    trained_weights,
)
from tests.integration.adapters.clip.clip_folders import build_clip_folder, build_siglip_folder

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("models")
    build_clip_folder(root / "clip")
    build_siglip_folder(root / "siglip")
    return root


def config(model: Path, **flags: object) -> VlmConfig:
    return load_vlm_config({"model": str(model), **flags})


@pytest.mark.parametrize(("name", "side_px", "tokens"), [("clip", 32, None), ("siglip", 24, 10)])
def test_both_kinds_read_pictures_and_texts(
    folders: Path, name: str, side_px: int, tokens: int | None
) -> None:
    model = open_trained_model(config(folders / name))
    assert model.side_px == side_px
    pixels = model.transform(Image.new("RGB", (90, 50)))
    assert pixels.shape == (3, side_px, side_px)
    words = model.tokenizer(["a red dog", "a"])
    assert ("attention_mask" in words) == (name == "clip")
    if tokens:
        assert words["input_ids"].shape == (2, tokens)
    seen = model.encode_image(model.module, pixels[None])
    read = model.encode_text(model.module, words)
    assert seen.shape[1] == read.shape[1]
    assert (model.logit_bias(model.module) is None) == (name == "clip")


def test_the_temperature_is_bounded(folders: Path) -> None:
    model = open_trained_model(config(folders / "clip"))
    with torch.no_grad():
        model.module.logit_scale.fill_(9.0)
    assert model.logit_scale(model.module).item() == 100.0


def test_lora_trains_little_and_the_rest_is_as_it_was(folders: Path, tmp_path: Path) -> None:
    asked = config(folders / "clip", method="lora", **{"lora.rank": 2})
    model = open_trained_model(asked)
    everything = sum(weight.numel() for weight in model.module.parameters())
    prepare_weights(model, asked)
    trained = trained_weights(model.module)
    assert trained
    assert all("lora_" in name and "self_attn" in name for name in trained)
    assert sum(weight.numel() for weight in trained.values()) < everything / 5
    replace_model(tmp_path / "model", model, model.module)
    again = open_trained_model(config(tmp_path / "model"))
    assert again.identity != ""
    pixels = torch.zeros(1, 3, 32, 32)
    first = open_trained_model(config(folders / "clip"))
    with torch.no_grad():  # LoRA begins at nothing
        assert torch.allclose(
            again.encode_image(again.module.eval(), pixels),
            first.encode_image(first.module.eval(), pixels),
            atol=1e-6,
        )


def test_a_model_takes_the_place_of_an_earlier_one_whole(folders: Path, tmp_path: Path) -> None:
    model = open_trained_model(config(folders / "clip"))
    target = tmp_path / "model"
    target.mkdir()
    (target / "stale.txt").write_text("")
    replace_model(target, model, model.module)
    names = {path.name for path in target.iterdir()}
    assert "stale.txt" not in names
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_errors_name_the_setting_of_here(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^model .*nowhere"):
        open_trained_model(config(tmp_path / "nowhere" / "x"))
    with pytest.raises(ConfigError, match="open_clip"):
        open_trained_model(config(Path("open_clip:")))
