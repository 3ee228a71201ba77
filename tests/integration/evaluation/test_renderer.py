"""The image model that comes with the package draws what captions of its world say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.adapters.sdxl.renderer import SdxlRenderer, open_renderer
from pipeline.adapters.sdxl.tiny import WORLD
from pipeline.config.images import ImagesConfig
from pipeline.core.strategies import INDEPENDENT, PROMPT_TO_PROMPT
from pipeline.edits.complete.vocabulary import load_vocabulary
from pipeline.evaluation.renderer import evaluate_facts, evaluate_pairs

pytestmark = pytest.mark.integration


CONFIG = ImagesConfig(
    renderer="sdxl",
    model=WORLD,
    device="cpu",
    width_px=128,
    height_px=128,
    steps=12,
    guidance_scale=2.0,
    batch_size=16,
)


@pytest.fixture(scope="module")
def renderer() -> Iterator[SdxlRenderer]:
    opened = open_renderer(CONFIG)
    yield opened
    opened.close()


def test_unseen_captions_are_drawn_right(renderer: SdxlRenderer) -> None:
    """Floors well under what `counterfactory eval-renderer` finds on 500 captions."""
    report = evaluate_facts(renderer, 48, batch_size=16, seed=1)
    assert report.facts["background"].share > 0.9
    assert report.facts["count"].share > 0.8
    assert report.facts["colour"].share > 0.75
    assert report.facts["object"].share > 0.75
    assert report.facts["every fact"].share > 0.5


def test_prompt_to_prompt_keeps_more_than_another_noise_does(renderer: SdxlRenderer) -> None:
    strategies = (INDEPENDENT, PROMPT_TO_PROMPT)
    independent, shared = evaluate_pairs(
        renderer, CONFIG, "colour", 12, strategies=strategies, seed=1
    )
    assert (independent.strategy, shared.strategy) == strategies
    assert min(independent.visible.share, shared.visible.share) >= 0.5
    assert shared.kept.right > independent.kept.right


def test_what_changes_places_keeps_its_looks(renderer: SdxlRenderer) -> None:
    """By its source's keys and values; the same noise and words alone do not do it."""
    _, same_noise, shared = evaluate_pairs(renderer, CONFIG, "relation", 16, seed=1)
    assert shared.visible.share >= 0.8
    assert shared.kept.right >= same_noise.kept.right + 4


def test_its_vocabulary_knows_its_things_and_places() -> None:
    vocabulary = load_vocabulary(WORLD)
    assert vocabulary.strange_word("two red dogs on the beach", "") is None
    assert vocabulary.strange_word("two red zebras on the beach", "") == "zebras"
    assert "on the beach" in vocabulary.elsewhere("a dog in a room")
    assert "indoors" not in vocabulary.elsewhere("a dog in a room")
