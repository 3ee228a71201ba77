"""The renderer's own steps on SDXL of full size, as a GPU would take or refuse them.

No number is computed: see :mod:`tests.integration.adapters.gpu_rules`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.adapters.sdxl import renderer as sdxl
from pipeline.adapters.sdxl import speed
from pipeline.adapters.sdxl.gpu_advice import (
    DECODE_GIB,
    DECODED_AT_ONCE,
    GUIDED_PICTURE_GIB,
    TILES_GIB,
    WEIGHTS_GIB,
)
from pipeline.adapters.sdxl.lora import locate_loras
from pipeline.adapters.sdxl.prompt_to_prompt import PromptToPrompt
from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.adapters.sdxl.text import TextEmbeddings
from pipeline.adapters.sdxl.weights import Weights
from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw, Guide
from pipeline.core.records import AnchorImage, Replacement
from pipeline.core.strategies import (
    IMG2IMG,
    INDEPENDENT,
    INPAINT,
    PROMPT_TO_PROMPT,
    SAME_NOISE,
    StrategyParameters,
)
from tests.bench.full_size import build_full, unet_shape
from tests.integration.adapters.gpu_rules import RefusedByGpu, as_on_a_gpu

pytestmark = pytest.mark.integration

SIZE_PX = 1024
CAPTION = "a red car on the street"
RECOLOUR = (Replacement(2, 5, "red", "blue"),)

OpenFull = Callable[..., SdxlRenderer]


@pytest.fixture
def open_full(tiny_renderer: SdxlRenderer, monkeypatch: pytest.MonkeyPatch) -> OpenFull:
    """Opens the real renderer over full-size networks that have no numbers.

    The layers of a block are alike: if not asked for all, there are two, at their full width.
    """
    tiny = tiny_renderer.pipeline

    def open_one(**changes: Any) -> SdxlRenderer:
        settings: dict[str, Any] = {"renderer": "sdxl", "steps": 1, "fuse_qkv": "on"}
        layers = changes.pop("layers", 2)
        vae_upcast = changes.pop("vae_upcast", True)
        config = ImagesConfig(**(settings | changes))
        dtype = {"auto": "bfloat16"}.get(config.dtype, config.dtype)

        def load(weights: Weights, dtype_: torch.dtype) -> Any:
            pipeline = build_full(tiny, "meta", dtype=dtype, most_layers=layers)
            pipeline.vae.register_to_config(force_upcast=vae_upcast)
            speed.use_channels_last(pipeline)
            return pipeline

        monkeypatch.setattr(sdxl, "load_pipeline", load)
        # Compiling needs a GPU's compiler; what stands before and behind it is as ever.
        monkeypatch.setattr(speed, "compile_network", lambda *_: None)
        weights = tiny_renderer._weights
        opened = SdxlRenderer(
            config, weights, locate_loras(config.lora), torch.device("meta"), getattr(torch, dtype)
        )
        assert opened.pipeline.unet.device.type == "meta"
        return opened

    return open_one


@pytest.fixture(scope="module")
def full_lora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of rank 1 for the attention of the full-size UNet."""
    from diffusers import StableDiffusionXLPipeline, UNet2DConditionModel
    from diffusers.utils import convert_state_dict_to_diffusers
    from peft import LoraConfig, get_peft_model_state_dict

    with torch.device("meta"):
        unet = UNet2DConditionModel(**unet_shape(2))
        unet.add_adapter(LoraConfig(r=1, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
    weights = {
        name: torch.zeros(weight.shape) for name, weight in get_peft_model_state_dict(unet).items()
    }
    folder = tmp_path_factory.mktemp("lora")
    StableDiffusionXLPipeline.save_lora_weights(
        folder, unet_lora_layers=convert_state_dict_to_diffusers(weights), safe_serialization=True
    )
    return folder


def control(caption: str = CAPTION, **changes: Any) -> Draw:
    return Draw("a0", "control", caption, 11, SAME_NOISE, **changes)


def edited(**shares: float) -> Draw:
    """The control's caption with another colour, by prompt-to-prompt."""
    return Draw(
        "a0",
        "min0",
        CAPTION.replace("red", "blue"),
        11,
        PROMPT_TO_PROMPT,
        parameters=StrategyParameters(**shares),
        guide=Guide(CAPTION, CAPTION, RECOLOUR),
    )


def redrawn(strategy: str, **changes: Any) -> Draw:
    """The same edit in a real picture."""
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "gray").save(picture, "PNG")
    return Draw(
        "a0",
        "min0",
        CAPTION.replace("red", "blue"),
        11,
        strategy,
        parameters=StrategyParameters(strength=0.9, mask=0.5),
        guide=Guide(CAPTION, CAPTION, RECOLOUR),
        picture=AnchorImage(picture.getvalue(), "png", 640, 480),
        **changes,
    )


SHARED = (
    control(),
    edited(self_attention=0.5, cross_attention=0.8),
    edited(self_attention=0.3, cross_attention=0.5, appearance=0.6, blend=0.3),
    Draw("a1", "full0", "people serving food", 13, INDEPENDENT, negative_prompt="not a dog"),
)
"""Every share of prompt-to-prompt, the blend, and a picture for itself with what it denies."""

BOX = (0.25, 0.25, 0.75, 0.5)

CASES: dict[str, tuple[dict[str, Any], tuple[Draw, ...]]] = {
    "guided": ({"steps": 2, "layers": 99}, SHARED),
    "float16": ({"dtype": "float16", "fuse_qkv": "off", "scheduler": "dpmpp_2m"}, SHARED),
    "unguided and padded": (
        {"guidance_scale": 0.0, "scheduler": "lcm", "compile": "full", "batch_size": 6},
        SHARED,
    ),
    "block cache": (
        {"block_cache_interval": 4, "steps": 5, "scheduler": "euler_a", "fuse_qkv": "off"},
        SHARED,
    ),
    "tiles": ({"vae_tiling": True, "vae_slicing": True, "scheduler": "unipc"}, (control(),)),
    "inpaint": (
        {"dtype": "float16", "scheduler": "ddim"},
        (redrawn(INPAINT), redrawn(INPAINT, box=BOX)),
    ),
    "img2img": ({"guidance_scale": 0.0}, (redrawn(IMG2IMG),)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_gpu_takes_every_operation(open_full: OpenFull, name: str) -> None:
    settings, draws = CASES[name]
    renderer = open_full(**settings)
    with as_on_a_gpu() as rules:
        rules.begins(renderer.pipeline.unet, "unet")
        drawn = renderer.draw(draws)
    assert len(drawn) == len(draws)
    for picture in drawn:
        assert isinstance(picture, np.ndarray), picture
        assert picture.shape == (SIZE_PX, SIZE_PX, 3)
        assert picture.dtype == np.uint8
    if settings.get("dtype") == "float16":
        assert renderer.pipeline.vae.dtype is torch.float32
    # The networks did their work there: two thousand operations would not be missed otherwise.
    assert rules.peaks["unet"] > 2**28


def test_the_decoder_that_was_mended_for_float16_stays_in_it(open_full: OpenFull) -> None:
    """SDXL's own, as above, is lifted out of it."""
    renderer = open_full(dtype="float16", guidance_scale=0.0, vae_upcast=False)
    with as_on_a_gpu():
        (picture,) = renderer.draw([control()])
    assert isinstance(picture, np.ndarray)
    assert renderer.pipeline.vae.dtype is torch.float16


def test_the_small_decoder_in_tiles(open_full: OpenFull) -> None:
    from diffusers import AutoencoderTiny

    renderer = open_full(guidance_scale=0.0)
    with torch.device("meta"):
        vae = AutoencoderTiny(scaling_factor=1.0).to(torch.bfloat16).eval()
    speed.use_tiles(vae)
    renderer.pipeline.register_modules(vae=vae)
    with as_on_a_gpu():
        (picture,) = renderer.draw([control()])
    assert isinstance(picture, np.ndarray)
    assert picture.shape == (SIZE_PX, SIZE_PX, 3)


@pytest.mark.parametrize("fused", [True, False])
def test_lora_files(open_full: OpenFull, full_lora: Path, fused: bool) -> None:
    """The file is real, and goes the renderer's own way over the networks."""
    lora = ({"path": str(full_lora), "scale": 0.8},)
    renderer = open_full(lora=lora, fuse_lora=fused, fuse_qkv="on" if fused else "off")
    with as_on_a_gpu():
        drawn = renderer.draw(SHARED)
    assert len(drawn) == len(SHARED)


def test_an_index_left_on_the_cpu_is_refused(
    open_full: OpenFull, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = PromptToPrompt._begin

    def forgetful(self: PromptToPrompt, schedule: Any) -> None:
        begin(self, schedule)
        self._sharing.source = torch.zeros(len(schedule.source), dtype=torch.int64, device="cpu")

    monkeypatch.setattr(PromptToPrompt, "_begin", forgetful)
    with as_on_a_gpu(), pytest.raises(RefusedByGpu, match="index_select.*different devices"):
        open_full().draw(SHARED)


def test_embeddings_in_float32_are_refused(
    open_full: OpenFull, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = TextEmbeddings.take

    def lifted(self: TextEmbeddings, rows: Sequence[int]) -> TextEmbeddings:
        taken = take(self, rows)
        return TextEmbeddings(taken.tokens.float(), taken.pooled)

    # A plain draw would pass: diffusers casts what it is given. Here the UNet is called directly.
    monkeypatch.setattr(TextEmbeddings, "take", lifted)
    with as_on_a_gpu(), pytest.raises(RefusedByGpu, match="different number formats"):
        open_full().draw([redrawn(INPAINT)])


def working_memory_gib(renderer: SdxlRenderer, draws: Sequence[Draw]) -> dict[str, float]:
    """Most memory beside the weights that each part of the work takes."""
    pipeline = renderer.pipeline
    with as_on_a_gpu() as rules:
        rules.begins(pipeline.unet, "unet")
        rules.begins(pipeline.vae.decoder, "decoder")
        renderer.draw(draws)
    return {phase: size / 2**30 for phase, size in rules.peaks.items()}


def siblings(count: int) -> list[Draw]:
    """A control and edits that keep to it."""
    edit = edited(self_attention=0.5, cross_attention=0.8)
    return [control(), *(replace(edit, variant=f"min{n}") for n in range(count - 1))]


def test_the_stated_working_memory_is_that_of_the_live_tensors(open_full: OpenFull) -> None:
    two = working_memory_gib(open_full(batch_size=2, vae_slicing=True), siblings(2))
    six = working_memory_gib(open_full(batch_size=6), siblings(6))
    tiled = working_memory_gib(open_full(batch_size=2, vae_tiling=True), siblings(1))
    assert two["unet"] == pytest.approx(2 * GUIDED_PICTURE_GIB, rel=0.05)
    assert six["unet"] == pytest.approx(6 * GUIDED_PICTURE_GIB, rel=0.05)
    assert two["decoder"] == pytest.approx(DECODE_GIB, rel=0.05)
    assert six["decoder"] == pytest.approx(DECODED_AT_ONCE * DECODE_GIB, rel=0.05)
    assert tiled["decoder"] == pytest.approx(TILES_GIB, rel=0.05)


def test_the_stated_weights_are_those_of_the_networks(tiny_renderer: SdxlRenderer) -> None:
    def size_gib(*modules: Any) -> float:
        weights = [weight for module in modules for weight in module.state_dict().values()]
        return sum(weight.untyped_storage().nbytes() for weight in weights) / 2**30

    pipeline = build_full(tiny_renderer.pipeline, "meta")
    plain = size_gib(pipeline.unet)
    pipeline.fuse_qkv_projections(vae=False)
    assert {
        "unet": plain,
        "text_encoders": size_gib(pipeline.text_encoder, pipeline.text_encoder_2),
        "vae": size_gib(pipeline.vae),
        "fused_projections": size_gib(pipeline.unet) - plain,
    } == pytest.approx(WEIGHTS_GIB, rel=0.05)
