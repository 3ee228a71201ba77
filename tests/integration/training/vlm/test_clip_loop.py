"""A stranger's loop around a real CLIP of transformers learns on real shards."""

from __future__ import annotations

import inspect
import math
from functools import partial
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPModel

from pipeline.training.vlm.features import encode_sets
from pipeline.training.vlm.loader import CounterfactualDataset, make_loader
from pipeline.training.vlm.losses import compute_loss

pytestmark = pytest.mark.integration
WORLD_CLIP = Path(__file__).resolve().parents[4] / "pipeline" / "models" / "world_clip"


def train(run: Path, name: str | Path, epochs: int, objective: str = "cf_vlm") -> list[float]:
    model = CLIPModel.from_pretrained(name, dtype=torch.float32)
    processor = CLIPImageProcessorPil.from_pretrained(name)
    length = model.config.text_config.max_position_embeddings
    tokenizer = partial(AutoTokenizer.from_pretrained(name), padding="max_length",
                        max_length=length, truncation=True, return_tensors="pt")  # fmt: skip
    dataset = CounterfactualDataset(
        run, transform=lambda image: processor(image, return_tensors="pt").pixel_values[0],
        decode_px=model.config.vision_config.image_size, max_edits=4, max_full=1,
    )  # fmt: skip
    loader = make_loader(dataset, batch_size=8, tokenizer=tokenizer)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4)
    losses = []
    for _ in range(epochs):
        for batch in loader:
            features = encode_sets(
                batch,
                encode_image=lambda pixels: model.get_image_features(pixels).pooler_output,
                encode_text=lambda tokens: model.get_text_features(**tokens).pooler_output,
            )
            loss = compute_loss(objective, features, logit_scale=model.logit_scale.exp())["loss"]
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    return losses


def test_the_loop_is_short() -> None:
    lines = [line for line in inspect.getsource(train).splitlines() if line.strip()]
    assert 10 < len(lines) <= 30


@pytest.mark.parametrize("objective", ["cf_vlm", "neg_clip", "triplet_clip", "ce_clip"])
def test_it_learns(run: Path, objective: str) -> None:
    losses = train(run, WORLD_CLIP, epochs=4, objective=objective)
    assert len(losses) == 12
    assert all(math.isfinite(loss) for loss in losses)
    assert sum(losses[-3:]) < 0.9 * sum(losses[:3])


def test_it_runs_on_text_alone_and_learns_nothing(text_run: Path) -> None:
    """Sets without a picture: every picture loss is 0, and so is its gradient."""
    losses = train(text_run, WORLD_CLIP, epochs=1)
    assert losses == [0.0] * len(losses)
    assert losses
