"""Attention layers that share queries, keys and maps between rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.adapters.sdxl.renderer import SdxlRenderer
from pipeline.core.draws import Draw, Guide
from pipeline.core.records import Replacement
from pipeline.core.strategies import INDEPENDENT, PROMPT_TO_PROMPT, SAME_NOISE, StrategyParameters

pytestmark = pytest.mark.integration


OpenTiny = Callable[..., SdxlRenderer]


Picture = NDArray[np.uint8]


HALF = StrategyParameters(0.5, 0.5)


WHOLE = StrategyParameters(1.0, 1.0)


def control(prompt: str = "a red car on the street", seed: int = 11) -> Draw:
    return Draw("a0", "control", prompt, seed, SAME_NOISE)


def edit(
    source: Draw,
    old: str,
    new: str,
    parameters: StrategyParameters = HALF,
    *,
    variant: str = "min0",
) -> Draw:
    """The source's caption with one word replaced, drawn by prompt-to-prompt."""
    start = source.prompt.index(old)
    piece = Replacement(start, start + len(old), old, new)
    prompt = source.prompt.replace(old, new, 1)
    guide = Guide(source.prompt, source.prompt, (piece,))
    return Draw(
        source.anchor_id,
        variant,
        prompt,
        source.seed,
        PROMPT_TO_PROMPT,
        parameters=parameters,
        guide=guide,
    )


def same(source: Draw, parameters: StrategyParameters = WHOLE) -> Draw:
    """The source's own caption, drawn by prompt-to-prompt."""
    return replace(
        source,
        variant="min0",
        strategy=PROMPT_TO_PROMPT,
        parameters=parameters,
        guide=Guide(source.prompt, source.prompt),
    )


SOURCE = control()


BOATS = control("two boats on the lake at sunset", 12)


GROUPS = (
    SOURCE,
    edit(SOURCE, "red", "blue"),
    edit(SOURCE, "car", "fire engine", StrategyParameters(0.3, 0.8), variant="min1"),
    edit(SOURCE, "red ", "", StrategyParameters(0.9, 0.0, 0.6), variant="min2"),
    BOATS,
    edit(BOATS, "two", "three", StrategyParameters(0.25, 0.25)),
    Draw("a1", "full0", "people serving food", 13, INDEPENDENT),
)


def distance(some: Sequence[Picture], others: Sequence[Picture]) -> int:
    """Largest difference of any channel of any pixel, in grey levels."""
    return int(np.abs(np.stack(some).astype(int) - np.stack(others).astype(int)).max())


def gap(some: Picture, other: Picture) -> float:
    """Mean difference in grey levels."""
    return float(np.abs(some.astype(int) - other.astype(int)).mean())


def test_without_any_share_it_is_same_noise(tiny_renderer: SdxlRenderer) -> None:
    nothing = edit(SOURCE, "red", "blue", StrategyParameters(0.0, 0.0))
    plain = replace(nothing, strategy=SAME_NOISE, guide=None, parameters=StrategyParameters())
    shared, alone = tiny_renderer.draw([SOURCE, nothing]), tiny_renderer.draw([SOURCE, plain])
    assert distance(shared, alone) <= 1


def test_each_kind_of_sharing_does_something_of_its_own(tiny_renderer: SdxlRenderer) -> None:
    fractions = [(0, 0, 0), (0.8, 0, 0), (0, 0.8, 0), (0.8, 0.8, 0), (0, 0, 0.8), (0, 0.8, 0.8)]
    edits = [edit(SOURCE, "red", "blue", StrategyParameters(*each)) for each in fractions]
    drawn = tiny_renderer.draw([SOURCE, *edits])
    gaps = {
        (some, other): gap(drawn[some], drawn[other])
        for some in range(len(drawn))
        for other in range(some)
    }
    assert min(gaps.values()) > 0.3


def test_a_lora_and_fused_projections_take_part(open_tiny: OpenTiny, tmp_path: Any) -> None:
    import torch
    from diffusers import StableDiffusionXLPipeline
    from diffusers.utils import convert_state_dict_to_diffusers
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    plain = open_tiny()
    unet = plain.pipeline.unet
    unet.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_k", "to_v"]), "new")
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, weight in unet.named_parameters():
            if "lora_B" in name:
                weight.copy_(torch.randn(weight.shape, generator=generator))
    layers = convert_state_dict_to_diffusers(get_peft_model_state_dict(unet, adapter_name="new"))
    StableDiffusionXLPipeline.save_lora_weights(str(tmp_path), unet_lora_layers=layers)

    adapted = open_tiny(lora=({"path": str(tmp_path), "scale": 1.0},))
    draws = [SOURCE, same(SOURCE), edit(SOURCE, "red", "blue")]
    source, identical, edited = adapted.draw(draws)
    assert (identical == source).all()
    assert gap(source, open_tiny().draw(draws)[0]) > 2
    assert gap(source, edited) > 1

    fused = open_tiny()
    fused.pipeline.fuse_qkv_projections()
    assert distance(fused.draw(GROUPS), open_tiny().draw(GROUPS)) <= 1
