"""Pairs that are trained on, and how their pictures are degraded."""

from __future__ import annotations

import random

import numpy as np

from pipeline.training.mini.clip_batches import degrade, draw_training_pair
from pipeline.training.world.painter import paint
from pipeline.training.world.scene import Scene, draw_scene, is_held_out


def scenes(count: int) -> list[Scene]:
    state = random.Random(5)
    return [draw_scene(state) for _ in range(count)]


def test_pairs_are_of_scenes_that_are_not_held_out() -> None:
    state = random.Random(3)
    pairs = [draw_training_pair(state) for _ in range(400)]
    assert not any(is_held_out(p.scene) or is_held_out(p.edited_scene) for p in pairs)
    assert len({pair.kind for pair in pairs}) == 10
    assert any(is_held_out(scene) for scene in scenes(400))


def test_wear_is_small_and_repeatable() -> None:
    picture = paint(scenes(1)[0])
    degraded = [degrade(picture, random.Random(seed)) for seed in range(60)]
    assert all(w.shape == picture.shape and w.dtype == np.uint8 for w in degraded)
    assert degraded[7].tobytes() == degrade(picture, random.Random(7)).tobytes()
    changes = [np.abs(w.astype(int) - picture).mean() for w in degraded]
    assert min(changes) == 0
    assert 5 < max(changes) < 40
