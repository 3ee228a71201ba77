"""Examples with their noise, which depends on seed and position alone."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from pipeline.training.sdxl.batch import NoiseSettings, draw_batch
from pipeline.training.sdxl.cache import Entry


def _entry(value: float) -> Entry:
    mean = torch.full((4, 16, 16), value)
    ids = torch.tensor([64, 64, 0, 0, 64, 64])
    return Entry(mean, 0.1 * torch.ones_like(mean), ids, torch.ones(77, 8), torch.ones(8))


def test_an_example_meets_the_same_noise_whatever_stands_beside_it() -> None:
    entries = [_entry(value) for value in (1.0, 2.0)]
    unconditional = (torch.zeros(77, 8), torch.zeros(8))
    settings = NoiseSettings(offset_noise=0.1, caption_dropout=0.5, timesteps=1000)
    both = draw_batch(entries, [40, 41], unconditional, settings, seed=1)
    alone = draw_batch(entries[1:], [41], unconditional, settings, seed=1)
    assert torch.equal(both.noise[1:], alone.noise)
    assert torch.equal(both.latents[1:], alone.latents)
    assert torch.equal(both.timesteps[1:], alone.timesteps)
    assert not torch.equal(both.noise[0], both.noise[1])


def test_settings_come_as_often_as_they_should() -> None:
    unconditional = (torch.zeros(77, 8), torch.zeros(8))
    settings = NoiseSettings(offset_noise=0.5, caption_dropout=0.25, timesteps=1000)
    batch = draw_batch([_entry(1.0)] * 400, range(400), unconditional, settings, seed=1)
    dropped = [not bool(tokens.any()) for tokens in batch.tokens]
    assert dropped == [not bool(pooled.any()) for pooled in batch.pooled]
    assert Counter(dropped)[True] == pytest.approx(100, abs=30)
    # Of each channel the mean moves by the offset alone: the rest averages out.
    assert batch.noise.mean(dim=(2, 3)).std().item() == pytest.approx(0.5, rel=0.15)
    assert batch.timesteps.float().mean().item() == pytest.approx(500, rel=0.1)
    assert int(batch.timesteps.max()) < 1000
