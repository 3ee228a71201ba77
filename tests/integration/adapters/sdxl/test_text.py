"""Prompts: encoded once, counted, cut, remembered."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.adapters.sdxl.renderer import SdxlRenderer, open_renderer
from pipeline.adapters.sdxl.text import open_token_counter
from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw
from pipeline.core.errors import ConfigError

pytestmark = pytest.mark.integration


OpenTiny = Callable[..., SdxlRenderer]


DRAWS = [
    Draw("a0", "control", "a red car on the street", 11, "same_noise"),
    Draw("a0", "min0", "a blue car on the street", 11, "same_noise"),
]


def paint(renderer: SdxlRenderer) -> NDArray[np.uint8]:
    return np.stack(renderer.draw(DRAWS))


def test_no_negative_prompt_means_what_the_model_was_trained_with(
    open_tiny: OpenTiny, tiny_folder: Path
) -> None:
    from diffusers import StableDiffusionXLPipeline

    ours = paint(open_tiny())
    pipeline = StableDiffusionXLPipeline.from_pretrained(tiny_folder)
    pipeline.set_progress_bar_config(disable=True)
    import torch

    from pipeline.adapters.quiet import array_copy_allowed

    with array_copy_allowed():
        theirs = pipeline(
            [draw.prompt for draw in DRAWS],
            generator=[torch.Generator().manual_seed(draw.seed) for draw in DRAWS],
            num_inference_steps=4,
            guidance_scale=6.0,
            output_type="np",
        ).images
    assert np.abs(ours.astype(int) - (theirs * 255).round().astype(int)).max() <= 1


def test_prompts_are_encoded_once_each(
    open_tiny: OpenTiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = open_tiny(batch_size=3)
    asked: list[list[str]] = []
    encode = renderer.pipeline.encode_prompt

    def watched(prompt: Any = None, **kwargs: Any) -> Any:
        if kwargs.get("prompt_embeds") is None:  # the pipeline passes ready ones through
            asked.append(prompt)
        return encode(prompt, **kwargs)

    monkeypatch.setattr(renderer.pipeline, "encode_prompt", watched)
    draws = [DRAWS[0], DRAWS[1], DRAWS[0], DRAWS[1], DRAWS[0]]
    renderer.draw(draws)
    renderer.draw(draws)
    # Always as many texts at once, so that a prompt's company changes nothing.
    assert asked == [[DRAWS[0].prompt, DRAWS[1].prompt] + [""] * 6, [""] * 8]


def test_long_prompts_are_counted_and_cut_with_one_warning(
    open_tiny: OpenTiny, caplog: pytest.LogCaptureFixture
) -> None:
    renderer = open_tiny()
    long = "red " * 100
    assert renderer.count_tokens(["red", long]) == [3, 102]
    draws = [Draw("a", f"full{i}", f"{long}{i}", 3, "independent") for i in range(2)]
    with caplog.at_level(logging.WARNING):
        pictures = [*renderer.draw(draws), *renderer.draw(draws)]
    assert (pictures[0] == pictures[1]).all()  # the end was not read
    assert renderer.truncated_prompts == 4
    assert [record.name for record in caplog.records] == ["pipeline.adapters.sdxl.text"]


def test_tokens_are_counted_without_the_weights(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "light"
    shutil.copytree(tiny_folder, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    counter = open_token_counter(ImagesConfig(model=str(folder)))
    assert counter.count_tokens(["a red car", ""]) == [5, 2]
    assert counter.count_tokens([]) == []
    shutil.rmtree(folder / "tokenizer_2")
    with pytest.raises(ConfigError, match="tokenizer_2/ is missing"):
        open_token_counter(ImagesConfig(model=str(folder)))


CAPTIONS = ("a red dog on a sofa", "two boats under a bridge", "a small green house by night")


@pytest.fixture(scope="module")
def plain(tiny_config: Callable[..., ImagesConfig]) -> Iterator[SdxlRenderer]:

    renderer = open_renderer(tiny_config(steps=6))
    yield renderer
    renderer.close()


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
