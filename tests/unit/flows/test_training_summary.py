"""What Prefect shows of a training: its loss, its grids, and how to draw with the weights."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from flows.training_summary import (
    GRID_PX,
    artifact_key,
    headline,
    markdown,
    picture_url,
    vlm_markdown,
)
from pipeline.training.sdxl.cache import CacheCounts
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.outcome import FinetuneOutcome
from pipeline.training.vlm.finetune.config import VlmConfig
from pipeline.training.vlm.finetune.outcome import VlmOutcome
from pipeline.training.vlm.finetune.validation import ValidationResult

CONFIG = FinetuneConfig(model="some/sdxl", output="/data/My Tuned_1")


def outcome(*losses: float, resumed_from: int = 0) -> FinetuneOutcome:
    return FinetuneOutcome(
        weights=Path("/data/My Tuned_1/weights.safetensors"), steps=1200,
        resumed_from=resumed_from, examples=3400, trained=131_072, losses=losses,
        cache=CacheCounts(pictures_encoded=3000, pictures_reused=400), grid=None,
    )  # fmt: skip


def shown(url: str) -> Image.Image:
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_large_grid_is_scaled_down_and_a_small_one_is_left_alone(tmp_path: Path) -> None:
    sizes = {
        (4 * GRID_PX, 2 * GRID_PX): (GRID_PX, GRID_PX // 2),
        (GRID_PX, 2 * GRID_PX): (GRID_PX // 2, GRID_PX),
        (30, 20): (30, 20),
    }
    for size, wanted in sizes.items():
        Image.new("RGB", size, (10, 200, 30)).save(tmp_path / "grid.png")
        with shown(picture_url(tmp_path / "grid.png")) as picture:
            assert picture.size == wanted
            assert picture.getpixel((5, 5)) == (10, 200, 30)


@pytest.mark.parametrize(
    ("folder", "key"),
    [("/data/My Tuned_1", "finetune-sdxl-my-tuned-1-grid"), ("/data/___", "finetune-sdxl-grid")],
)
def test_keys_are_what_prefect_allows(folder: str, key: str) -> None:
    assert artifact_key(FinetuneConfig(output=folder), "grid") == key


def test_the_headline_says_where_it_went_on_from() -> None:
    said = "1,200 steps on 3,400 examples, 131,072 numbers trained: /data/My Tuned_1/weights.safe"
    assert headline(outcome(1.0)).startswith(said)
    assert headline(outcome(1.0, resumed_from=500)).startswith("1,200 steps from step 500 on")


def test_the_page_compares_the_first_tenth_of_the_losses_with_the_last() -> None:
    page = markdown(CONFIG, outcome(*[0.5] * 2, *[9.0] * 16, *[0.25] * 2))
    assert page.startswith("# My Tuned_1\n")
    assert "0.5000 at first, 0.2500 at last" in page
    assert "pictures encoded: 3,000, found in the cache: 400" in page
    assert "counterfactory run --images sdxl --set images.model=some/sdxl --set images.lora" in page


def test_a_training_that_was_finished_before_has_no_loss() -> None:
    assert "mean loss in this run: no step left" in markdown(CONFIG, outcome(resumed_from=1200))


def vlm_outcome(*validations: ValidationResult) -> VlmOutcome:
    return VlmOutcome(
        model=Path("/data/a/model"), steps=300, best_step=200, resumed_from=100, trained=1_000,
        losses=(1.0,), validations=validations, curves=Path("/data/a/curves.png"),
    )  # fmt: skip


def test_a_vision_language_training_shows_before_and_after() -> None:
    config = VlmConfig(output="/data/a")
    first = ValidationResult(0, 2.0, {"count": 0.25, "swap": 0.5}, {"count": 8, "swap": 2})
    chosen = ValidationResult(200, 1.0, {"count": 0.75, "swap": 0.5}, {"count": 8, "swap": 2})
    page = vlm_markdown(config, vlm_outcome(first, chosen, replace(first, step=300)))
    assert "300 steps from step 100, 1,000 numbers trained, weights of step 200" in page
    assert "| count | 8 | 0.25 | 0.75 |" in page
    assert page.endswith("| mean | | 0.38 | 0.62 |\n")
    assert "nothing says whether the weights are better" in vlm_markdown(config, vlm_outcome())
