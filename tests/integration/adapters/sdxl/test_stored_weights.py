"""Weights as they are published: variants and shards, checked before they are loaded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.adapters.sdxl.renderer import SdxlRenderer, open_renderer
from pipeline.adapters.sdxl.stored_weights import choose_variant
from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw
from pipeline.core.errors import ConfigError

pytestmark = pytest.mark.integration

Config = Callable[..., ImagesConfig]
PARTS = ("unet", "vae", "text_encoder", "text_encoder_2")
DRAWS = [Draw("a0", "control", "a red car on the street", 11, "same_noise")]


@pytest.fixture
def copy(tiny_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(tiny_folder, folder)
    return folder


def rename(folder: Path, variant: str, parts: tuple[str, ...] = PARTS) -> None:
    """Give the weights the names that `save_pretrained(variant=…)` gives them."""
    for part in parts:
        for file in (folder / part).glob("*.safetensors"):
            file.rename(file.with_name(file.stem + f".{variant}.safetensors"))


def shard(folder: Path) -> list[Path]:
    """Part the network's weights as the library does."""
    from diffusers import UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(folder / "unet", use_safetensors=True)
    (folder / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    unet.save_pretrained(folder / "unet", safe_serialization=True, max_shard_size="1MB")
    return sorted((folder / "unet").glob("*-of-*.safetensors"))


@pytest.mark.parametrize("parts", [PARTS, ("unet",), ("text_encoder", "vae")])
def test_folders_of_a_variant_alone_draw_the_same(
    copy: Path, tiny_config: Config, tiny_renderer: SdxlRenderer, parts: tuple[str, ...]
) -> None:
    rename(copy, "fp16", parts)
    assert choose_variant(copy, PARTS) == "fp16"
    renderer = open_renderer(tiny_config(model=str(copy)))
    # The numbers are the same ones under another name.
    assert np.array_equal(renderer.draw(DRAWS)[0], tiny_renderer.draw(DRAWS)[0])


def test_plain_weights_go_before_a_variant_beside_them(copy: Path) -> None:
    for part in PARTS:
        (file,) = (copy / part).glob("*.safetensors")
        shutil.copy(file, file.with_name(file.stem + ".fp16.safetensors"))
    assert choose_variant(copy, PARTS) is None


def test_sharded_weights_draw_the_same_and_a_lost_shard_is_named(
    copy: Path, tiny_config: Config, tiny_renderer: SdxlRenderer
) -> None:
    shards = shard(copy)
    assert len(shards) > 1
    renderer = open_renderer(tiny_config(model=str(copy)))
    assert np.array_equal(renderer.draw(DRAWS)[0], tiny_renderer.draw(DRAWS)[0])
    shards[1].unlink()
    with pytest.raises(ConfigError, match=shards[1].name):
        open_renderer(tiny_config(model=str(copy)))


def test_what_is_not_whole_is_refused_before_it_is_loaded(copy: Path) -> None:
    rename(copy, "fp16", ("unet",))
    rename(copy, "bf16", ("vae",))
    with pytest.raises(ConfigError, match="unet, vae have no variant"):
        choose_variant(copy, PARTS)
    (file,) = (copy / "text_encoder").glob("*.safetensors")
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    rename(copy, "fp16", ("vae",))
    with pytest.raises(ConfigError, match=r"text_encoder.*git lfs pull"):
        choose_variant(copy, ("text_encoder",))
    index = copy / "unet" / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({}))
    with pytest.raises(ConfigError, match="cannot be read"):
        choose_variant(copy, ("unet",))
