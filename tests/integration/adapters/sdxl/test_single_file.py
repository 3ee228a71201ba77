"""Checkpoints of one file: read offline, drawn exactly as their folder, or refused by name."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.adapters.sdxl.fit import check_fit
from pipeline.adapters.sdxl.renderer import open_renderer
from pipeline.adapters.sdxl.single_file import scheduler_of, sdxl_base_shape
from pipeline.adapters.sdxl.weights import locate_weights
from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw
from pipeline.core.errors import ConfigError
from tests.integration.adapters.sdxl.ldm_layout import build_small_sdxl, original_names

pytestmark = pytest.mark.integration

DRAWS = [
    Draw("a0", "control", "a red car on the street", 11, "same_noise"),
    Draw("a0", "min0", "a blue car on the street", 11, "same_noise"),
]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model's folder, and the same as a single file."""
    from safetensors.torch import save_file

    place = tmp_path_factory.mktemp("published")
    pipeline = build_small_sdxl(place / "folder")
    save_file(original_names(pipeline), place / "model.safetensors")
    return place / "folder", place / "model.safetensors"


def config(model: Path, **settings: Any) -> ImagesConfig:
    small = {"width_px": 64, "height_px": 64, "steps": 2, "device": "cpu", "batch_size": 2}
    return ImagesConfig(renderer="sdxl", model=str(model), **{**small, **settings})


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing is asked of a network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.usefixtures("no_network")
def test_a_single_file_draws_what_its_folder_draws(published: tuple[Path, Path]) -> None:
    folder, file = published
    whole = open_renderer(config(folder))
    single = open_renderer(config(file, model_shape=str(folder)))
    single.check()

    assert single.fingerprint != whole.fingerprint
    theirs, ours = (
        np.stack([picture for picture in one.draw(DRAWS) if isinstance(picture, np.ndarray)])
        for one in (single, whole)
    )
    assert theirs.shape == (2, 64, 64, 3)
    assert (theirs == ours).all()
    assert single.count_tokens(["a red car"]) == whole.count_tokens(["a red car"])


def test_its_own_size_is_that_of_its_shape(published: tuple[Path, Path]) -> None:
    folder, file = published
    of_shape = ImagesConfig(renderer="sdxl", model=str(file), model_shape=str(folder))

    assert (of_shape.width_px, of_shape.height_px) == (64, 64)
    assert ImagesConfig(renderer="sdxl", model=str(file)).width_px == 1024


def test_what_is_of_another_shape_is_refused_before_anything_is_loaded(
    published: tuple[Path, Path],
) -> None:
    """A miniature against the shape of full-size SDXL."""
    weights = locate_weights(config(published[1]))

    with pytest.raises(ConfigError, match=r"(?s)unet.*images\.model_shape"):
        check_fit(weights, ())


def test_files_that_are_no_whole_sdxl_are_refused(
    published: tuple[Path, Path], tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(published[1])
    some = next(iter(tensors.values()))
    wrong = {
        "no_vae": ({k: v for k, v in tensors.items() if "first_stage" not in k}, "lacks vae"),
        "unet_only": ({k: v for k, v in tensors.items() if "diffusion_model" in k}, "encoder_2"),
        "sd15": ({"cond_stage_model.x": some}, "Diffusion 1 or 2"),
        "refiner": ({"conditioner.embedders.0.model.x": some}, "refiner"),
        "lora": ({"lora_unet_x.lora_down.weight": some}, r"LoRA.*images\.lora"),
    }
    for name, (content, why) in wrong.items():
        file = tmp_path / f"{name}.safetensors"
        save_file(content, file)
        with pytest.raises(ConfigError, match=why):
            locate_weights(config(file))

    (tmp_path / "old.ckpt").write_bytes(b"pickle")
    with pytest.raises(ConfigError, match="can run code"):
        locate_weights(config(tmp_path / "old.ckpt"))
    data = published[1].read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(ConfigError, match="is the copy complete"):
        locate_weights(config(tmp_path / "cut.safetensors"))


def test_a_weight_that_is_missing_in_the_file_is_named(
    published: tuple[Path, Path], tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(published[1])
    gone = "model.diffusion_model.middle_block.1.transformer_blocks.0.attn1.to_q.weight"
    del tensors[gone]
    save_file(tensors, tmp_path / "gap.safetensors")
    renderer = open_renderer(config(tmp_path / "gap.safetensors", model_shape=str(published[0])))

    with pytest.raises(ConfigError, match=r"lacks the weights mid_block.*attn1\.to_q\.weight"):
        renderer.check()


@pytest.mark.usefixtures("no_network")
def test_the_shape_of_sdxl_base_comes_with_the_package(tmp_path: Path) -> None:
    """Full-size names and numbers, and CLIP's own tokens (known from its published use)."""
    import torch
    from diffusers import AutoencoderKL, EulerDiscreteScheduler, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

    shape = sdxl_base_shape(tmp_path)
    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(UNet2DConditionModel.load_config(shape / "unet"))
        vae = AutoencoderKL.from_config(AutoencoderKL.load_config(shape / "vae"))
        second = CLIPTextModelWithProjection(
            CLIPTextConfig.from_pretrained(shape / "text_encoder_2")
        )
    assert sum(p.numel() for p in unet.parameters()) == 2_567_463_684
    assert sum(p.numel() for p in vae.parameters()) == 83_653_863
    assert sum(p.numel() for p in second.parameters()) == 694_659_840
    assert EulerDiscreteScheduler.from_pretrained(shape / "scheduler").config.steps_offset == 1

    tokens = [
        CLIPTokenizer.from_pretrained(shape / name)(
            "a photo of an astronaut riding a horse", padding="max_length"
        ).input_ids
        for name in ("tokenizer", "tokenizer_2")
    ]
    known = [49406, 320, 1125, 539, 550, 18376, 6765, 320, 4558, 49407]
    assert [ids[:10] for ids in tokens] == [known, known]
    assert [ids[10:] for ids in tokens] == [[49407] * 67, [0] * 67]


def test_a_mark_of_v_prediction_in_the_file_reaches_the_scheduler() -> None:
    assert scheduler_of({"v_pred": (), "ztsnr": ()}) == {
        "prediction_type": "v_prediction",
        "rescale_betas_zero_snr": True,
        "timestep_spacing": "trailing",
    }
    assert scheduler_of({"model.x": (1,)}) == {}


@pytest.mark.usefixtures("no_network")
def test_a_full_size_checkpoint_fits_the_shape_that_comes_with_the_package(tmp_path: Path) -> None:
    """Names and shapes of all 2,500 weights; the file is sparse, since no content is read."""
    weights = locate_weights(config(full_size_file(tmp_path), width_px=1024, height_px=1024))

    check_fit(weights, ())
    assert weights.file is not None
    assert weights.file.stat().st_size > 6.9e9


def full_size_file(folder: Path) -> Path:
    """A checkpoint like the published ones in half precision, of which only the header is real."""
    import json
    import struct
    from types import SimpleNamespace

    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    shape = sdxl_base_shape()
    with torch.device("meta"):
        encoders = [
            kind(CLIPTextConfig.from_pretrained(shape / name))
            for name, kind in (
                ("text_encoder", CLIPTextModel),
                ("text_encoder_2", CLIPTextModelWithProjection),
            )
        ]
        networks = [
            kind.from_config(kind.load_config(shape / name))
            for name, kind in (("unet", UNet2DConditionModel), ("vae", AutoencoderKL))
        ]
    names = ("text_encoder", "text_encoder_2", "unet", "vae")
    tensors = original_names(
        SimpleNamespace(**dict(zip(names, [*encoders, *networks], strict=True)))
    )
    header: dict[str, Any] = {}
    end = 0
    for name, tensor in tensors.items():
        begin, end = end, end + 2 * tensor.numel()
        header[name] = {
            "dtype": "F16", "shape": list(tensor.shape), "data_offsets": [begin, end]
        }  # fmt: skip
    text = json.dumps(header).encode()
    file = folder / "sd_xl_base_1.0.safetensors"
    with file.open("wb") as stream:
        stream.write(struct.pack("<Q", len(text)) + text)
        stream.truncate(8 + len(text) + end)
    return file
