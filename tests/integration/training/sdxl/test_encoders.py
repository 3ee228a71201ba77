"""Latents, embeddings and time ids are the model's own."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.adapters.sdxl.tiny import NATIVE_SIZE_PX
from pipeline.training.sdxl.cache import LatentCache, fill_cache
from pipeline.training.sdxl.encoders import Encoders
from pipeline.training.sdxl.run import open_examples, open_model, run_finetuning
from tests.integration.training.sdxl.conftest import MakeConfig, png

pytestmark = pytest.mark.integration


def test_entries_are_the_models_own_latents_embeddings_and_time_ids(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(pictures__crop="random", pictures__crops=3, seed=4)
    model = open_model(config)
    pipeline = model.load(torch.float32)
    encoders = Encoders(pipeline, model.identity, torch.device("cpu"))
    cache = LatentCache(tmp_path, config.pictures, config.seed, model.identity)
    examples = list(open_examples(config))
    index = fill_cache(cache, examples, encoders)
    assert len(index) == 12
    assert len(np.unique(index.keys[:, 0])) == 12
    places = set()
    for row in range(12):
        entry = cache.load(*index.pair(row))
        original, corner, target = entry.time_ids.reshape(3, 2).tolist()
        assert original == [80, 96]
        assert target == [NATIVE_SIZE_PX, NATIVE_SIZE_PX]
        top, left = corner
        places.add((top, left))
        # 64 / 80 scales the picture to 64 × 77: only the left edge can move.
        assert top == 0
        assert 0 <= left <= 13
        example = examples[row // 3]
        with Image.open(io.BytesIO(example.data)) as image:
            scaled = image.convert("RGB").resize((77, 64), Image.Resampling.LANCZOS)
        pixels = np.asarray(scaled)[None, :, left : left + 64]
        values = torch.from_numpy(pixels.copy()).permute(0, 3, 1, 2) / 127.5 - 1
        with torch.no_grad():
            wanted = pipeline.vae.encode(values).latent_dist.mean[0]
            tokens, _, pooled, _ = pipeline.encode_prompt(
                example.caption, device="cpu", do_classifier_free_guidance=False
            )
        assert torch.allclose(entry.mean, wanted, atol=2e-3)
        assert torch.allclose(entry.tokens, tokens[0], atol=2e-3)
        assert torch.allclose(entry.pooled, pooled[0], atol=2e-3)
    assert len(places) > 3


def test_long_captions_are_counted(make_config: MakeConfig, tmp_path: Path) -> None:
    rows = tmp_path / "long.jsonl"
    picture = tmp_path / "one.png"
    picture.write_bytes(png((1, 2, 3)))
    long = "a wall of " + ", ".join(f"stone {n}" for n in range(60))
    rows.write_text(json.dumps({"caption": long, "picture": picture.name}) + "\n", "utf-8")
    config = make_config(
        source__input=str(rows), data__cache=str(tmp_path / "cache"), train__steps=1
    )
    assert run_finetuning(config).cache.texts_cut == 1
