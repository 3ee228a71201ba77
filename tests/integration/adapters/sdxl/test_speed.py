"""What makes drawing faster or smaller changes float error at most."""

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


THREE_DRAWS = [
    Draw("a", f"full{number}", caption, 7 + number, "independent")
    for number, caption in enumerate(CAPTIONS)
]


FLOAT_ERROR = 2
"""Grey levels between two ways to compute the same."""


def levels(renderer: SdxlRenderer, draws: list[Draw] | None = None) -> np.ndarray[Any, Any]:
    return np.stack(renderer.draw(THREE_DRAWS if draws is None else draws)).astype(np.int64)


@pytest.fixture(scope="module")
def plain(tiny_config: Callable[..., ImagesConfig]) -> Iterator[SdxlRenderer]:
    from pipeline.adapters.sdxl.renderer import open_renderer

    renderer = open_renderer(tiny_config(steps=6))
    yield renderer
    renderer.close()


@pytest.fixture(scope="module")
def painted(plain: SdxlRenderer) -> np.ndarray[Any, Any]:
    return levels(plain)


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
    assert np.abs(levels(open_tiny(steps=6, **changes)) - painted).max() <= FLOAT_ERROR


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
    assert np.abs(levels(renderer) - painted).max() <= FLOAT_ERROR


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
        assert np.abs(levels(renderer) - painted).max() <= FLOAT_ERROR
        with torch.compiler.set_stance("fail_on_recompile"):
            short = levels(renderer, THREE_DRAWS[:2])
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


def test_a_merged_lora_draws_as_one_laid_beside(open_tiny: OpenTiny, lora_folder: Path) -> None:
    lora = [{"path": str(lora_folder), "scale": 0.8}]
    beside = levels(open_tiny(lora=lora))
    merged = levels(open_tiny(lora=lora, fuse_lora=True, fuse_qkv="on"))
    assert np.abs(merged - beside).max() <= FLOAT_ERROR
    assert np.abs(merged - levels(open_tiny())).max() > FLOAT_ERROR


def test_offloading_is_for_gpus(open_tiny: OpenTiny) -> None:
    with pytest.raises(ConfigError, match="for a GPU"):
        open_tiny(cpu_offload=True).draw(THREE_DRAWS)


def test_parts_that_take_turns_on_a_device_draw_the_same(
    open_tiny: OpenTiny, painted: np.ndarray[Any, Any]
) -> None:
    renderer = open_tiny(steps=6)
    # What `cpu_offload` does, with the CPU in the place of the GPU: hooks and all.
    renderer.pipeline.enable_model_cpu_offload(device="cpu")
    assert len(renderer.pipeline._all_hooks) == 4
    for _ in range(2):  # the second time, the decoder is what lies on the device
        assert (levels(renderer) == painted).all()


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
    alone = levels(renderer, THREE_DRAWS[:1])
    assert np.abs(alone - painted[:1]).max() <= FLOAT_ERROR
    assert list(dict.fromkeys(sizes)) == [8, 4, 2]
