"""What is done for speed or memory leaves the pictures as they were, where it says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw
from pipeline.core.errors import ConfigError

OpenTiny = Callable[..., SdxlRenderer]
pytestmark = pytest.mark.integration

CAPTIONS = ("a red dog on a sofa", "two boats under a bridge", "a small green house by night")
DRAWS = [
    Draw("a", f"full{number}", caption, 7 + number, "independent")
    for number, caption in enumerate(CAPTIONS)
]
FLOAT_ERROR = 2
"""Grey levels between two ways to compute the same."""


def paint(renderer: SdxlRenderer, draws: list[Draw] | None = None) -> np.ndarray[Any, Any]:
    return np.stack(renderer.draw(DRAWS if draws is None else draws)).astype(np.int64)


@pytest.fixture(scope="module")
def plain(tiny_config: Callable[..., ImagesConfig]) -> Iterator[SdxlRenderer]:
    from pipeline.adapters.sdxl.renderer import open_renderer

    renderer = open_renderer(tiny_config(steps=6))
    yield renderer
    renderer.close()


@pytest.fixture(scope="module")
def painted(plain: SdxlRenderer) -> np.ndarray[Any, Any]:
    return paint(plain)


def test_embeddings_do_not_depend_on_company_or_memory(plain: SdxlRenderer) -> None:
    from pipeline.adapters.sdxl.text import TEXTS_PER_CALL, PromptEncoder

    words = [f"{caption} {number}" for number in range(TEXTS_PER_CALL) for caption in CAPTIONS]
    encoder = PromptEncoder(plain.pipeline, "")
    together, rows = encoder.encode(words)
    for word in words[::5]:
        alone, _ = PromptEncoder(plain.pipeline, "").encode([word])
        again, _ = encoder.encode([word])
        for found in (alone, again):
            assert found.tokens[0].equal(together.tokens[rows[word]])
            assert found.pooled[0].equal(together.pooled[rows[word]])


def test_no_more_prompts_are_remembered_than_said(
    plain: SdxlRenderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.adapters.sdxl import text as sdxl_text

    monkeypatch.setattr(sdxl_text, "CACHED_PROMPTS", 2)
    encoder = sdxl_text.PromptEncoder(plain.pipeline, "")
    encoder.encode(CAPTIONS)
    assert list(encoder._known) == list(CAPTIONS[1:])
    asked: list[Any] = []
    encode = plain.pipeline.encode_prompt
    monkeypatch.setattr(
        plain.pipeline, "encode_prompt", lambda p, **more: asked.append(p) or encode(p, **more)
    )
    encoder.encode(CAPTIONS[1:])
    assert not asked
    encoder.encode(CAPTIONS[:1])
    assert len(asked) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"fuse_qkv": "on"},
        {"release_text_encoders": True},
        {"vae_slicing": True, "vae_tiling": True},
    ],
    ids=lambda changes: "+".join(changes),
)
def test_these_change_float_error_at_most(
    open_tiny: OpenTiny, painted: np.ndarray[Any, Any], changes: dict[str, Any]
) -> None:
    assert np.abs(paint(open_tiny(steps=6, **changes)) - painted).max() <= FLOAT_ERROR


def test_fused_projections_are_really_used(open_tiny: OpenTiny) -> None:
    unet = open_tiny(fuse_qkv="on").pipeline.unet
    layer = unet.mid_block.attentions[0].transformer_blocks[0].attn1
    assert layer.fused_projections
    assert (
        not open_tiny()
        .pipeline.unet.mid_block.attentions[0]
        .transformer_blocks[0]
        .attn1.fused_projections
    )


@pytest.mark.parametrize(
    ("device", "changes", "fuses"),
    [
        ("cuda", {}, True),
        ("cpu", {}, False),
        ("cuda", {"lora": [{"path": "x"}]}, False),
        ("cuda", {"lora": [{"path": "x"}], "fuse_lora": True}, True),
        ("cuda", {"cpu_offload": True}, False),
        ("cuda", {"release_text_encoders": True}, False),
    ],
)
def test_projections_are_fused_where_they_can_be_and_pay(
    device: str, changes: dict[str, Any], fuses: bool
) -> None:
    import torch

    from pipeline.adapters.sdxl.speed import _should_fuse

    assert _should_fuse(ImagesConfig(**changes), torch.device(device)) is fuses


def test_channels_last_changes_float_error_at_most(
    open_tiny: OpenTiny, painted: np.ndarray[Any, Any]
) -> None:
    import torch

    from pipeline.adapters.sdxl.speed import use_channels_last

    renderer = open_tiny(steps=6)
    use_channels_last(renderer.pipeline)
    weight = renderer.pipeline.unet.conv_in.weight
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert np.abs(paint(renderer) - painted).max() <= FLOAT_ERROR


def test_the_block_cache_skips_every_other_step_and_stays_near(
    open_tiny: OpenTiny, painted: np.ndarray[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.adapters.sdxl import speed as sdxl_speed
    from pipeline.adapters.sdxl.block_cache import BlockCache

    laid: list[BlockCache] = []

    def keep(*arguments: Any) -> BlockCache:
        laid.append(BlockCache(*arguments))
        return laid[-1]

    monkeypatch.setattr(sdxl_speed, "BlockCache", keep)
    renderer = open_tiny(steps=6, block_cache_interval=2)
    cached = paint(renderer)
    assert laid[0].skipped == 3
    difference = np.abs(cached - painted)
    assert difference.max() > FLOAT_ERROR, "nothing was reused"
    other = np.abs(painted[0] - painted[1]).mean()
    assert difference.mean() < other / 2, "nearer to another picture than to its own"
    # A second batch, of another size, begins anew and takes nothing from the first.
    assert np.abs(paint(renderer, DRAWS[1:]) - cached[1:]).max() <= FLOAT_ERROR
    assert laid[0].skipped == 6
    assert (paint(renderer) == cached).all()


def test_a_compiled_network_draws_the_same_and_short_batches_are_not_compiled_anew(
    open_tiny: OpenTiny, painted: np.ndarray[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from pipeline.adapters.sdxl import speed as sdxl_speed

    compiled = sdxl_speed.compile_network
    monkeypatch.setattr(
        # The tracer is real; what makes machine code of the trace takes minutes.
        sdxl_speed,
        "compile_network",
        lambda pipeline, config: compiled(pipeline, config, backend="eager"),
    )
    for kind in ("regional", "full"):
        torch._dynamo.reset()
        renderer = open_tiny(steps=6, compile=kind, batch_size=3)
        assert np.abs(paint(renderer) - painted).max() <= FLOAT_ERROR
        with torch.compiler.set_stance("fail_on_recompile"):
            short = paint(renderer, DRAWS[:2])
        assert np.abs(short - painted[:2]).max() <= FLOAT_ERROR


def test_compiled_code_is_kept_where_the_user_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    from pipeline.adapters.sdxl.speed import _set_compile_cache

    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)
    _set_compile_cache(None)
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"].endswith("compiled")
    _set_compile_cache(str(tmp_path))
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == str(tmp_path)
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "elsewhere")
    _set_compile_cache(None)
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == "elsewhere"


@pytest.mark.parametrize(
    ("family", "kind", "timesteps"),
    [
        ("dmd2", "LCMScheduler", [999, 749, 499, 249]),
        ("lcm", "LCMScheduler", [999, 759, 499, 259]),
        ("lightning", "EulerDiscreteScheduler", [999, 749, 499, 249]),
        ("turbo", "EulerAncestralDiscreteScheduler", [999, 749, 499, 249]),
    ],
)
def test_distilled_families_step_as_their_makers_say(
    open_tiny: OpenTiny, family: str, kind: str, timesteps: list[int]
) -> None:
    renderer = open_tiny(preset="draft", distilled=family, width_px=64, height_px=64, batch_size=2)
    scheduler = renderer.pipeline.scheduler
    assert type(scheduler).__name__ == kind
    assert scheduler.timesteps.tolist() == timesteps
    pictures = paint(renderer)
    assert (pictures[0] != pictures[1]).any()


def test_each_family_is_another_fingerprint(tiny_config: Callable[..., ImagesConfig]) -> None:
    from pipeline.adapters.sdxl.renderer import open_renderer

    settings: list[dict[str, Any]] = [
        {"preset": "draft", "distilled": "lcm", "steps": 4, "guidance_scale": 0},
        {"preset": "draft", "distilled": "dmd2", "steps": 4, "guidance_scale": 0},
        {"steps": 8, "block_cache_interval": 2},
        {"steps": 8, "timestep_spacing": "leading"},
        {"steps": 8},
    ]
    assert len({open_renderer(tiny_config(**s)).fingerprint for s in settings}) == len(settings)
    same = open_renderer(tiny_config(steps=8, release_text_encoders=True, compile="regional"))
    assert same.fingerprint == open_renderer(tiny_config(steps=8)).fingerprint


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
    assert paint(renderer).shape == (3, 64, 64, 3)
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


def test_a_merged_lora_draws_as_one_laid_beside(open_tiny: OpenTiny, lora_folder: Path) -> None:
    lora = [{"path": str(lora_folder), "scale": 0.8}]
    beside = paint(open_tiny(lora=lora))
    merged = paint(open_tiny(lora=lora, fuse_lora=True, fuse_qkv="on"))
    assert np.abs(merged - beside).max() <= FLOAT_ERROR
    assert np.abs(merged - paint(open_tiny())).max() > FLOAT_ERROR


def test_offloading_is_for_gpus(open_tiny: OpenTiny) -> None:
    with pytest.raises(ConfigError, match="for a GPU"):
        open_tiny(cpu_offload=True).draw(DRAWS)


def test_parts_that_take_turns_on_a_device_draw_the_same(
    open_tiny: OpenTiny, painted: np.ndarray[Any, Any]
) -> None:
    renderer = open_tiny(steps=6)
    # What `cpu_offload` does, with the CPU in the place of the GPU: hooks and all.
    renderer.pipeline.enable_model_cpu_offload(device="cpu")
    assert len(renderer.pipeline._all_hooks) == 4
    for _ in range(2):  # the second time, the decoder is what lies on the device
        assert (paint(renderer) == painted).all()


def test_memory_that_only_the_padding_exceeds_is_no_reason_to_give_up(
    open_tiny: OpenTiny, painted: np.ndarray[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from pipeline.adapters.sdxl import speed as sdxl_speed

    monkeypatch.setattr(sdxl_speed, "compile_network", lambda pipeline, config: None)
    renderer = open_tiny(steps=6, compile="regional", batch_size=8)
    forward = renderer.pipeline.unet.forward
    sizes: list[int] = []

    def small(sample: Any, *args: Any, **kwargs: Any) -> Any:
        sizes.append(len(sample) // 2)
        if sizes[-1] > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(sample, *args, **kwargs)

    monkeypatch.setattr(renderer.pipeline.unet, "forward", small)
    alone = paint(renderer, DRAWS[:1])
    assert np.abs(alone - painted[:1]).max() <= FLOAT_ERROR
    assert list(dict.fromkeys(sizes)) == [8, 4, 2]
