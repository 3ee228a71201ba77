"""Model folders that are taken, and those that are refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.adapters.sdxl.renderer import SdxlRenderer, open_renderer
from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw
from pipeline.core.errors import ConfigError, PermanentError

pytestmark = pytest.mark.integration


OpenTiny = Callable[..., SdxlRenderer]


def test_the_fingerprint_follows_the_weights_and_not_where_they_lie(
    open_tiny: OpenTiny, tiny_folder: Path, tiny_renderer: SdxlRenderer, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(tiny_folder, moved)
    (moved / "README.md").write_text("notes")
    same = open_tiny(model=str(moved), batch_size=2)
    assert same.fingerprint == tiny_renderer.fingerprint

    weights = bytearray((moved / "unet" / "diffusion_pytorch_model.safetensors").read_bytes())
    weights[-1] ^= 1
    (moved / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(weights)
    assert open_tiny(model=str(moved)).fingerprint != tiny_renderer.fingerprint


Config = Callable[..., ImagesConfig]


SEVEN_DRAWS = [Draw(f"a{i}", "control", f"a photo of {i} dogs", i, "independent") for i in range(7)]


def test_a_hub_out_of_reach_says_what_to_do(
    tiny_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(PermanentError, match=r"no-such-owner/no-such-model.*name its folder"):
        open_renderer(tiny_config(model="no-such-owner/no-such-model"))


def test_folders_that_are_no_sdxl_are_refused(
    tiny_folder: Path, tiny_config: Config, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"no model_index\.json"):
        open_renderer(tiny_config(model=str(tmp_path / "empty")))

    other = tmp_path / "other"
    shutil.copytree(tiny_folder, other)
    index = json.loads((other / "model_index.json").read_text())
    (other / "model_index.json").write_text(json.dumps(index | {"_class_name": "FluxPipeline"}))
    with pytest.raises(ConfigError, match="FluxPipeline"):
        open_renderer(tiny_config(model=str(other)))

    with pytest.raises(ConfigError, match=r"no \.safetensors file"):
        open_renderer(tiny_config(model=str(other / "model_index.json")))


@pytest.mark.parametrize("fault", ["truncated", "missing", "pickle"])
def test_damaged_weights_are_a_clear_error(
    tiny_folder: Path, tiny_config: Config, tmp_path: Path, fault: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(tiny_folder, folder)
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    if fault == "truncated":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif fault == "missing":
        weights.unlink()
    else:
        weights.rename(weights.with_suffix(".bin"))
    # Said before any caption is written, from the headers alone.
    with pytest.raises(ConfigError, match=r"does not load|no weights as \.safetensors"):
        open_renderer(tiny_config(model=str(folder)))


def test_weights_that_are_whole_but_of_other_shapes_are_a_clear_error(
    tiny_folder: Path, tiny_config: Config, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(tiny_folder, folder)
    shutil.copy(
        folder / "vae" / "diffusion_pytorch_model.safetensors",
        folder / "unet" / "diffusion_pytorch_model.safetensors",
    )
    with pytest.raises(ConfigError, match="does not load"):
        open_renderer(tiny_config(model=str(folder))).draw(SEVEN_DRAWS[:1])


CAPTIONS = ("a red dog on a sofa", "two boats under a bridge", "a small green house by night")


THREE_DRAWS = [
    Draw("a", f"full{number}", caption, 7 + number, "independent")
    for number, caption in enumerate(CAPTIONS)
]


def levels(renderer: SdxlRenderer, draws: list[Draw] | None = None) -> np.ndarray[Any, Any]:
    return np.stack(renderer.draw(THREE_DRAWS if draws is None else draws)).astype(np.int64)


@pytest.fixture(scope="module")
def tiny_vae(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    def build(scales: int) -> Path:
        import torch
        from diffusers import AutoencoderTiny

        folder = tmp_path_factory.mktemp("vae") / f"tiny{scales}"
        torch.manual_seed(0)
        AutoencoderTiny(
            latent_channels=4,
            encoder_block_out_channels=(8,) * scales,
            decoder_block_out_channels=(8,) * scales,
            num_encoder_blocks=(1,) * scales,
            num_decoder_blocks=(1,) * scales,
        ).save_pretrained(folder, safe_serialization=True)
        return folder

    return build


def test_another_decoder_draws_and_is_another_fingerprint(
    open_tiny: OpenTiny, tiny_renderer: SdxlRenderer, tiny_vae: Callable[[int], Path]
) -> None:
    own = tiny_renderer.pipeline.vae
    scales = len(own.config.block_out_channels)
    renderer = open_tiny(vae=str(tiny_vae(scales)))
    assert levels(renderer).shape == (3, 64, 64, 3)
    assert type(renderer.pipeline.vae).__name__ == "AutoencoderTiny"
    assert renderer.fingerprint != tiny_renderer.fingerprint
    with pytest.raises(ConfigError, match="other latents"):
        _ = open_tiny(vae=str(tiny_vae(scales + 1))).pipeline


def test_what_is_no_decoder_is_refused(
    open_tiny: OpenTiny, tiny_folder: Path, tmp_path: Path
) -> None:
    for wrong in (tmp_path, tiny_folder / "unet", tmp_path / "absent here"):
        with pytest.raises(ConfigError, match=r"images\.vae"):
            open_tiny(vae=str(wrong))
